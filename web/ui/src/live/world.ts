import type { BoxRow, Frame, Gauge, Person } from "./decode";
import { Fleet } from "./fleet";

/** World is the newest that the feed said, by device id. It knows no framework. */
export class World {
  readonly fleet = new Fleet();
  boxes = new Map<string, BoxRow>();
  /** by alarm */
  gauges = new Map<number, Gauge>();
  /** who is connected, for those who see all */
  people: Person[] = [];
  rate = 1;
  private boxIDs: string[] = [];
  private offset: number | undefined; // server minus wall, ms, at wallAt
  private wallAt = 0;

  /** apply takes a frame at a wall time (performance.now). */
  apply(frame: Frame, wall: number): void {
    this.hear(frame.now, wall);
    switch (frame.kind) {
      case "hello":
        this.fleet.name(frame.hello.drones);
        this.boxIDs = frame.hello.boxes;
        this.rate = frame.hello.rate;
        break;
      case "rows":
        if (frame.drones !== undefined) {
          if (frame.snapshot && frame.drones.index.length > 0) this.fleet.clear();
          this.fleet.take(frame.drones, frame.now, this.now(wall) ?? frame.now, wall);
        }
        for (const b of frame.boxes) this.boxes.set(this.boxIDs[b.index] ?? "?", b);
        break;
      case "remove":
        for (const i of frame.indexes)
          if (frame.of === "drones") this.fleet.remove(i);
          else this.boxes.delete(this.boxIDs[i] ?? "");
        break;
      case "alarms":
        this.gauges = new Map(frame.gauges.map((g) => [g.id, g]));
        break;
      case "presence":
        this.people = frame.people;
        break;
      case "event":
        break;
      default:
        frame satisfies never;
    }
  }

  /** hear takes a server time that came at a wall time, and keeps the offset of the quickest
   * message lately: the least delayed. */
  hear(now: number, wall: number): void {
    const predicted = this.offset === undefined ? -Infinity : this.offset + (wall - this.wallAt) * this.rate;
    if (now > predicted || now < predicted - 5000 || wall - this.wallAt > 10_000) {
      this.offset = now;
      this.wallAt = wall;
    }
  }

  /** now is server time in ms at a wall time; undefined before the first frame. */
  now(wall: number): number | undefined {
    return this.offset === undefined ? undefined : this.offset + (wall - this.wallAt) * this.rate;
  }
}
