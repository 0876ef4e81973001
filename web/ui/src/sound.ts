import type { Alarm } from "./api";

const REPEAT_MS = 5_000;
const MUTE_MS = 60_000;

/** AlarmSound plays two tones: critical repeats until acknowledged, caution once.
 * Browsers allow sound after the first gesture only. */
export class AlarmSound {
  private audio: AudioContext | undefined;
  private told = new Set<number>();
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
    if (this.audio === undefined || wall < this.mutedUntil) return;
    const loud = alarms.filter((a) => !a.acked_at && !a.cleared_at);
    if (loud.some((a) => a.priority === "critical") && wall - this.last > REPEAT_MS) {
      this.beep(880, 0.25);
      this.last = wall;
    }
    for (const a of loud) {
      if (!this.told.has(a.id) && a.priority === "caution") this.beep(523, 0.18);
      this.told.add(a.id);
    }
  }

  private beep(hz: number, s: number): void {
    const ctx = this.audio!;
    const tone = ctx.createOscillator();
    const gain = ctx.createGain();
    tone.frequency.value = hz;
    gain.gain.value = 0.08;
    tone.connect(gain).connect(ctx.destination);
    tone.start();
    tone.stop(ctx.currentTime + s);
  }
}
