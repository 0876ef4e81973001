// An order to a drone in flight: given, and what the drone answered and after how long.
import { ApiError, call } from "../api";
import { t, word } from "../i18n/index.svelte";
import { app } from "../state.svelte";

export type OrderKind = "hold" | "resume" | "return" | "divert" | "land";

/** what the drone is told for an order: its answer names that */
const TOLD: Record<OrderKind, string> = {
  hold: "hold",
  resume: "resume",
  return: "return",
  divert: "reroute",
  land: "land",
};

export class FlightOrder {
  private sent = $state<{ kind: OrderKind; at: number; from: number } | undefined>();
  private refused = $state("");

  constructor(private readonly mission: () => string) {}

  /** told is what became of the newest order, in words; empty when there is none. */
  get told(): string {
    if (this.refused) return this.refused;
    if (this.sent === undefined) return "";
    const kind = word(`cmd_${this.sent.kind}`);
    if (this.unheard(this.sent)) return t("cmdUnheard", kind);
    const answer = app.answers.get(`${this.mission()} ${TOLD[this.sent.kind]}`);
    if (answer === undefined || answer.heard < this.sent.at)
      return t("cmdSent", kind, ((app.wall - this.sent.at) / 1000).toFixed(0));
    const took = ((answer.heard - this.sent.at) / 1000).toFixed(1);
    return answer.ok ? t("cmdDone", kind, took) : t("cmdRefused", kind, answer.reason, took);
  }

  /** unheard says that the server has given an order up: the drone has not answered. */
  private unheard(sent: { kind: OrderKind; from: number }): boolean {
    const drone = app.deliveries.find((d) => d.mission.id === this.mission())?.mission.drone;
    return app.alarms.some(
      (a) =>
        a.kind === "command_unacked" &&
        a.device === drone &&
        a.detail === TOLD[sent.kind] &&
        Date.parse(a.raised_at) >= sent.from,
    );
  }

  /** give orders it; what is only asked for is not sent to the drone yet. */
  give(
    kind: OrderKind,
    { pad, confirms, asks = false }: { pad?: string; confirms?: string; asks?: boolean } = {},
  ): void {
    this.refused = "";
    this.sent = asks ? undefined : { kind, at: performance.now(), from: app.serverNow() };
    call("POST", `/missions/${this.mission()}/commands`, {
      kind,
      ...(pad ? { pad } : {}),
      ...(confirms ? { confirms } : {}),
    })
      .then(() => app.refetch())
      .catch((e: unknown) => {
        this.sent = undefined;
        this.refused = e instanceof ApiError ? e.message : String(e);
      });
  }
}
