import { isLoud } from "./alarms";
import type { Alarm } from "./api";

const REPEAT_MS = 5_000;
const MUTE_MS = 60_000;

/** Tone is what an alarm sounds like: critical, again every five seconds until somebody has
 * seen it; caution, once. */
export interface Tone {
  tone: "critical" | "caution";
  alarm: number;
  audible: boolean;
}

/** AlarmSound plays two tones, and says so by the event hemolift:tone. Browsers allow sound
 * after the first gesture only. */
export class AlarmSound {
  private audio: AudioContext | undefined;
  private played = new Set<number>();
  private announced = new Set<number>();
  private last = -Infinity;
  private mutedUntil = 0;

  get on(): boolean {
    return this.audio !== undefined;
  }

  enable(): void {
    this.audio ??= new AudioContext();
  }

  mute(wall: number): void {
    this.mutedUntil = wall + MUTE_MS;
  }

  sound(alarms: Alarm[], wall: number): void {
    if (wall < this.mutedUntil) return;
    const loud = alarms.filter(isLoud);
    const critical = loud.find((a) => a.priority === "critical");
    if (critical && wall - this.last > REPEAT_MS) {
      this.play("critical", critical.id);
      this.last = wall;
    }
    for (const a of loud) {
      if (a.priority !== "caution" || this.played.has(a.id) || (!this.on && this.announced.has(a.id))) continue;
      this.play("caution", a.id);
      (this.on ? this.played : this.announced).add(a.id); // what nobody could hear sounds when there is sound
    }
    const still = new Set(loud.map((a) => a.id));
    for (const told of [this.played, this.announced]) for (const id of told) if (!still.has(id)) told.delete(id);
  }

  private play(tone: Tone["tone"], alarm: number): void {
    const detail: Tone = { tone, alarm, audible: this.on };
    window.dispatchEvent(new CustomEvent("hemolift:tone", { detail }));
    if (this.audio) this.beep(this.audio, tone === "critical" ? 880 : 523, tone === "critical" ? 0.25 : 0.18);
  }

  private beep(ctx: AudioContext, hz: number, s: number): void {
    const tone = ctx.createOscillator();
    const gain = ctx.createGain();
    tone.frequency.value = hz;
    gain.gain.value = 0.08;
    tone.connect(gain).connect(ctx.destination);
    tone.start();
    tone.stop(ctx.currentTime + s);
  }
}
