import { decode, type FeedEvent, type Frame } from "./decode";

export type Connection = "connecting" | "live" | "late" | "lost";

export interface SocketHandlers {
  frame(frame: Frame): void;
  event(event: FeedEvent): void;
  /** the server says that the session has ended */
  ended(): void;
  /** the events between are too many: read the board anew */
  resync(): void;
  state(s: Connection, info: { since: number; retryAt: number; attempt: number; caughtUp: number }): void;
}

const LATE_MS = 2_000;
const LOST_MS = 5_000;
const SIGNED_OUT = 1008; // the code of a close: policy violation
const BACKOFF_MS = [500, 1000, 2000, 4000, 8000, 10_000];

/** connect keeps a live connection until the signal aborts, resuming events. */
export function connect(
  handlers: SocketHandlers,
  after: number,
  signal: AbortSignal,
  heard: number, // wall time of what is known
): { retry(): void } {
  let seq = after;
  let socket: WebSocket | undefined;
  let lastMessage = heard;
  let opened = heard;
  let attempt = 0;
  let retryAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let caughtUp = 0;
  let lost = false;
  let state: Connection = "connecting";

  const tell = (s: Connection): void => {
    state = s;
    handlers.state(s, { since: lastMessage, retryAt, attempt, caughtUp });
  };

  const open = (): void => {
    timer = undefined;
    retryAt = 0;
    const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/live?after=${seq}`;
    const ws = new WebSocket(url, ["hemolift.v1"]);
    ws.binaryType = "arraybuffer";
    socket = ws;
    let greeted = false;
    ws.onopen = () => (opened = performance.now());
    ws.onmessage = (m: MessageEvent<ArrayBuffer>) => {
      lastMessage = performance.now();
      const frame = decode(m.data);
      if (frame.kind === "hello") {
        attempt = 0;
        caughtUp = 0;
        if (frame.hello.resync) {
          seq = frame.hello.seq;
          handlers.resync();
        }
        if (!greeted) ws.send(JSON.stringify({ hidden: document.hidden }));
        greeted = true; // said again where a device has joined
      }
      if (frame.kind === "event") {
        seq = Math.max(seq, frame.seq);
        if (lost) caughtUp++;
        handlers.event(frame.event);
      } else {
        handlers.frame(frame);
      }
      if (frame.kind === "rows" && state !== "live") {
        tell("live");
        lost = false;
      }
    };
    ws.onclose = (e) => {
      if (signal.aborted || socket !== ws) return;
      if (e.code === SIGNED_OUT) handlers.ended();
      const wait = BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length - 1)]! * (0.7 + Math.random() * 0.6);
      attempt++;
      retryAt = performance.now() + wait;
      timer = setTimeout(open, wait);
    };
  };

  const watch = setInterval(() => {
    const age = performance.now() - lastMessage;
    if (age > LOST_MS && !document.hidden) {
      lost = true;
      tell("lost");
      const silent = performance.now() - Math.max(opened, lastMessage) > LOST_MS;
      if (silent && socket?.readyState === WebSocket.OPEN) socket.close(); // half-open: start anew
    } else if (age > LATE_MS && state === "live") {
      tell("late");
    } else if (age <= LATE_MS && state === "late") {
      tell("live");
    }
  }, 250);

  const visibility = (): void => {
    if (!document.hidden) lastMessage = Math.max(lastMessage, performance.now() - LATE_MS);
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ hidden: document.hidden }));
  };
  document.addEventListener("visibilitychange", visibility, { signal });
  signal.addEventListener("abort", () => {
    clearInterval(watch);
    clearTimeout(timer);
    socket?.close();
  });
  open();
  return {
    retry() {
      if (timer === undefined) return;
      clearTimeout(timer);
      open();
    },
  };
}
