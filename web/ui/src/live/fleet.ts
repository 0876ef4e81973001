// The newest of every drone in typed arrays, so that ten thousand of them cost neither objects
// nor a look through the garbage. A drone's slot is its place in the session's dictionary.

import { droneRow, emptyColumns, heardOf, phaseOf, type DroneColumns, type DroneRow } from "./decode";
import { carriedS, cosOf, left, M_PER_DEG, SNAP_M, type Drawn } from "./motion";

const NEVER = -1;

/** Motion is how each drone moves, by slot, in degrees and ms. */
class Motion {
  readonly velocityLon: Float64Array;
  readonly velocityLat: Float64Array;
  /** how far what was drawn stood off the estimate when the fix came */
  readonly offLon: Float64Array;
  readonly offLat: Float64Array;
  /** server time of the fix */
  readonly fixAt: Float64Array;
  /** wall time when it came; NEVER before the first */
  readonly heardAt: Float64Array;
  constructor(n: number) {
    this.velocityLon = new Float64Array(n);
    this.velocityLat = new Float64Array(n);
    this.offLon = new Float64Array(n);
    this.offLat = new Float64Array(n);
    this.fixAt = new Float64Array(n);
    this.heardAt = new Float64Array(n).fill(NEVER);
  }
}

export class Fleet {
  ids: readonly string[] = [];
  /** rises with every change; stamps has the version of each slot's last one */
  version = 0;
  stamps = new Uint32Array(0);
  motion = new Motion(0);
  private slots = new Map<string, number>();
  private columns = emptyColumns(0);
  /** server time of the frame that brought a slot's values, ms */
  private base = new Float64Array(0);
  private present = new Uint8Array(0);

  /** name takes the dictionary. What stands under the same names stays: newcomers come behind it. */
  name(ids: readonly string[]): void {
    const grows = ids.length >= this.ids.length && this.ids.every((id, i) => id === ids[i]);
    if (grows && ids.length === this.ids.length) return;
    const [columns, motion, base, present] = [this.columns, this.motion, this.base, this.present];
    this.ids = ids;
    this.slots = new Map(ids.map((id, i) => [id, i]));
    this.columns = emptyColumns(ids.length);
    this.motion = new Motion(ids.length);
    this.base = new Float64Array(ids.length);
    this.present = new Uint8Array(ids.length);
    this.stamps = new Uint32Array(ids.length).fill(++this.version);
    if (!grows) return;
    keepIn(this.columns, columns);
    keepIn(this.motion, motion);
    this.base.set(base);
    this.present.set(present);
  }

  /** take keeps the rows of a frame of the server time frameNow, which came at a wall time. */
  take(from: DroneColumns, frameNow: number, now: number, wall: number): void {
    this.version++;
    for (let i = 0; i < from.index.length; i++) {
      const slot = from.index[i]!;
      if (slot >= this.ids.length) continue; // no name: nobody could say which drone it is
      const known = this.motion.heardAt[slot] !== NEVER;
      const wasLon = known ? this.drawnLon(slot, now, wall) : 0;
      const wasLat = known ? this.drawnLat(slot, now, wall) : 0;
      copy(from, i, this.columns, slot);
      this.base[slot] = frameNow;
      this.present[slot] = 1;
      this.stamps[slot] = this.version;
      this.move(slot, wall);
      if (known) this.slide(slot, wasLon - this.drawnLon(slot, now, wall), wasLat - this.drawnLat(slot, now, wall));
    }
  }

  private move(slot: number, wall: number): void {
    const [c, m] = [this.columns, this.motion];
    const rad = (c.track[slot]! * Math.PI) / 18_000;
    const degreesPerS = c.speed[slot]! / 100 / M_PER_DEG;
    m.velocityLon[slot] = (Math.sin(rad) * degreesPerS) / cosOf(this.lat(slot));
    m.velocityLat[slot] = Math.cos(rad) * degreesPerS;
    m.fixAt[slot] = this.base[slot]! - c.age[slot]! * 100;
    m.heardAt[slot] = wall;
    m.offLon[slot] = m.offLat[slot] = 0;
  }

  /** slide lets what is drawn go from where it was, so far off the estimate, unless that is far. */
  private slide(slot: number, offLon: number, offLat: number): void {
    if (Math.hypot(offLon * cosOf(this.lat(slot)), offLat) * M_PER_DEG > SNAP_M) return;
    this.motion.offLon[slot] = offLon;
    this.motion.offLat[slot] = offLat;
  }

  /** clear forgets which drones there are, before a snapshot. */
  clear(): void {
    this.present.fill(0);
    this.stamps.fill(++this.version);
  }

  remove(slot: number): void {
    if (slot >= this.ids.length) return;
    this.present[slot] = 0;
    this.stamps[slot] = ++this.version;
  }

  slot(id: string): number | undefined {
    const slot = this.slots.get(id);
    return slot !== undefined && this.present[slot] === 1 ? slot : undefined;
  }

  /** moves reports whether a slot holds a drone that was heard and does not stand at home. */
  moves(slot: number): boolean {
    const bits = this.columns.bits[slot]!;
    return this.present[slot] === 1 && heardOf(bits) && phaseOf(bits) !== "parked";
  }

  lon = (slot: number): number => this.columns.lon[slot]! / 1e7;
  lat = (slot: number): number => this.columns.lat[slot]! / 1e7;
  trackDeg = (slot: number): number => this.columns.track[slot]! / 100;

  /** drawn is where a slot's drone is drawn at a server time and a wall time, in ms. */
  drawn(slot: number, now: number, wall: number): Drawn {
    return { lon: this.drawnLon(slot, now, wall), lat: this.drawnLat(slot, now, wall) };
  }

  private drawnLon(slot: number, now: number, wall: number): number {
    const m = this.motion;
    const carried = m.velocityLon[slot]! * carriedS(now - m.fixAt[slot]!);
    return this.lon(slot) + carried + m.offLon[slot]! * left(wall - m.heardAt[slot]!);
  }

  private drawnLat(slot: number, now: number, wall: number): number {
    const m = this.motion;
    const carried = m.velocityLat[slot]! * carriedS(now - m.fixAt[slot]!);
    return this.lat(slot) + carried + m.offLat[slot]! * left(wall - m.heardAt[slot]!);
  }

  /** rows are the drones named, and of the others the first few. */
  rows(named: Iterable<string>, others: number): Map<string, DroneRow> {
    const rows = new Map<string, DroneRow>();
    const add = (id: string, slot: number): unknown => rows.set(id, droneRow(this.columns, slot, this.base[slot]!));
    for (const id of named) {
      const slot = this.slot(id);
      if (slot !== undefined) add(id, slot);
    }
    for (let slot = 0, n = 0; slot < this.ids.length && n < others; slot++) {
      const id = this.ids[slot]!;
      if (this.present[slot] === 0 || rows.has(id)) continue;
      add(id, slot);
      n++;
    }
    return rows;
  }
}

/** keepIn puts the arrays of one into those of another of at least their length. */
function keepIn<T extends object>(to: T, from: T): void {
  for (const key of Object.keys(from) as (keyof T)[]) (to[key] as Float64Array).set(from[key] as Float64Array);
}

function copy(from: DroneColumns, i: number, to: DroneColumns, slot: number): void {
  to.lon[slot] = from.lon[i]!;
  to.lat[slot] = from.lat[i]!;
  to.eta[slot] = from.eta[i]!;
  to.toGo[slot] = from.toGo[i]!;
  to.index[slot] = from.index[i]!;
  to.age[slot] = from.age[i]!;
  to.height[slot] = from.height[i]!;
  to.speed[slot] = from.speed[i]!;
  to.track[slot] = from.track[i]!;
  to.climb[slot] = from.climb[i]!;
  to.battery[slot] = from.battery[i]!;
  to.need[slot] = from.need[i]!;
  to.off[slot] = from.off[i]!;
  to.behind[slot] = from.behind[i]!;
  to.dbm[slot] = from.dbm[i]!;
  to.offHeight[slot] = from.offHeight[i]!;
  to.outside[slot] = from.outside[i]!;
  to.bits[slot] = from.bits[i]!;
}
