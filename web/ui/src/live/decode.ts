// Decodes frames of the subprotocol hemolift.v1; web/frame.go describes them.

export const enum Link {
  Live = 1,
  Late = 2,
  Lost = 3,
}

export type Phase = "parked" | "airborne" | "holding" | "returning" | "landed" | "landing";
const PHASES: Phase[] = ["parked", "parked", "airborne", "holding", "returning", "landed", "landing"];

/** in which ways a flight is outside of what its plan allows */
export const enum Outside {
  Aside = 1,
  Uneven = 2,
  Delayed = 4,
}

export type BoxStateName = "unknown" | "in_range" | "near_limit" | "excursion";
const BOX_STATES: BoxStateName[] = ["unknown", "unknown", "in_range", "near_limit", "excursion"];

/** DroneColumns are drones as they stand on the wire: a value of each in every column. */
export interface DroneColumns {
  /** degrees times 10^7 */
  lon: Int32Array;
  lat: Int32Array;
  /** s after the frame's time */
  eta: Int32Array;
  toGo: Uint32Array;
  index: Uint16Array;
  /** tenths of a second before the frame's time */
  age: Uint16Array;
  height: Int16Array;
  speed: Uint16Array;
  track: Uint16Array;
  climb: Int16Array;
  battery: Uint16Array;
  need: Uint16Array;
  off: Uint16Array;
  behind: Uint16Array;
  dbm: Int8Array;
  offHeight: Int8Array;
  outside: Uint8Array;
  bits: Uint8Array;
}

/** DroneRow is one drone, in people's units. */
export interface DroneRow {
  index: number;
  heard: boolean;
  lon: number;
  lat: number;
  /** server time of the fix, ms */
  at: number;
  heightM: number;
  speedMPS: number;
  trackDeg: number;
  climbMPS: number;
  batteryPct: number;
  needPct: number;
  /** aside of its path */
  offM: number;
  /** above its cruising height, below where negative */
  offHeightM: number;
  /** lands later than planned */
  behindS: number;
  /** bits of Outside */
  outside: number;
  linkDBm: number;
  phase: Phase;
  link: Link;
  toGoM: number;
  /** server time of the landing, ms; undefined without one, as while it hovers */
  eta: number | undefined;
}

export interface BoxRow {
  index: number;
  hasReading: boolean;
  tempMC: number;
  at: number;
  state: BoxStateName;
  outOfRangeS: number;
  watched: boolean;
  breached: boolean;
  fault: boolean;
}

export interface Hello {
  drones: string[];
  boxes: string[];
  seq: number;
  rate: number;
  resync: boolean;
}

export interface FeedEvent {
  seq: number;
  at: string;
  kind: string;
  actor: string;
  subject: string;
  detail: Record<string, string>;
}

/** Gauge is what is measured now of an alarm; known is false for the value it was raised with. */
export interface Gauge {
  id: number;
  value: number;
  known: boolean;
  limit: number;
  worst: number;
  left_s?: number;
}

/** Person is somebody who is connected. */
export interface Person {
  login: string;
  name_zh: string;
  name_en: string;
  role: string;
  site: string;
  /** it may take flights to watch */
  watches: boolean;
}

export type Frame = { seq: number; now: number } & (
  | { kind: "rows"; snapshot: boolean; drones: DroneColumns | undefined; boxes: BoxRow[] }
  | { kind: "remove"; of: "drones" | "boxes"; indexes: number[] }
  | { kind: "hello"; hello: Hello }
  | { kind: "event"; event: FeedEvent }
  | { kind: "alarms"; gauges: Gauge[] }
  | { kind: "presence"; people: Person[] }
);

const VERSION = 1;
const HEADER = 24;
const NO_ETA = -0x80000000;

/** decode reads one frame; it throws on one that is not whole. */
export function decode(buf: ArrayBuffer): Frame {
  const v = new DataView(buf);
  if (buf.byteLength < HEADER || v.getUint8(0) !== VERSION) throw new Error("not a frame of version 1");
  const kind = v.getUint8(1);
  const boxes = (v.getUint16(2, true) & 1) !== 0;
  const count = v.getUint32(4, true);
  const seq = Number(v.getBigUint64(8, true));
  const now = Number(v.getBigInt64(16, true)) / 1000;
  switch (kind) {
    case 1:
    case 2:
      return {
        kind: "rows",
        snapshot: kind === 1,
        seq,
        now,
        drones: boxes ? undefined : droneColumns(columns(buf, count)),
        boxes: boxes ? decodeBoxes(buf, count, now) : [],
      };
    case 3:
      return {
        kind: "remove",
        of: boxes ? "boxes" : "drones",
        seq,
        now,
        indexes: [...new Uint16Array(buf, HEADER, count)],
      };
    case 4:
      return { kind: "event", seq, now, event: payload<FeedEvent>(buf) };
    case 5:
      return { kind: "hello", seq, now, hello: payload<Hello>(buf) };
    case 7:
      return { kind: "presence", seq, now, people: payload<Person[]>(buf) };
    case 6:
      return { kind: "alarms", seq, now, gauges: payload<Gauge[]>(buf) };
  }
  throw new Error(`unknown kind ${kind}`);
}

function payload<T>(buf: ArrayBuffer): T {
  return JSON.parse(new TextDecoder().decode(new Uint8Array(buf, HEADER))) as T;
}

/** columns hands out typed arrays over a frame, one after the other. */
function columns(buf: ArrayBuffer, count: number) {
  let at = HEADER;
  const take = <A>(make: new (b: ArrayBuffer, o: number, n: number) => A, bytes: number): A => {
    const a = new make(buf, at, count);
    at += bytes * count;
    return a;
  };
  return {
    i32: () => take(Int32Array, 4),
    u32: () => take(Uint32Array, 4),
    u16: () => take(Uint16Array, 2),
    i16: () => take(Int16Array, 2),
    i8: () => take(Int8Array, 1),
    u8: () => take(Uint8Array, 1),
  };
}

type Take = ReturnType<typeof columns>;

/** droneColumns are the columns of drones in the order of the wire. */
function droneColumns(c: Take): DroneColumns {
  return {
    lon: c.i32(),
    lat: c.i32(),
    eta: c.i32(),
    toGo: c.u32(),
    index: c.u16(),
    age: c.u16(),
    height: c.i16(),
    speed: c.u16(),
    track: c.u16(),
    climb: c.i16(),
    battery: c.u16(),
    need: c.u16(),
    off: c.u16(),
    behind: c.u16(),
    dbm: c.i8(),
    offHeight: c.i8(),
    outside: c.u8(),
    bits: c.u8(),
  };
}

const DRONE_BYTES = 40;

/** emptyColumns has room for so many drones. */
export const emptyColumns = (count: number): DroneColumns =>
  droneColumns(columns(new ArrayBuffer(HEADER + DRONE_BYTES * count), count));

export const heardOf = (bits: number): boolean => (bits & 32) !== 0;
export const phaseOf = (bits: number): Phase => PHASES[bits & 7] ?? "parked";

/** droneRow is drone i of some columns, of a frame of the server time now in ms. */
export function droneRow(c: DroneColumns, i: number, now: number): DroneRow {
  const b = c.bits[i]!;
  return {
    index: c.index[i]!,
    heard: heardOf(b),
    lon: c.lon[i]! / 1e7,
    lat: c.lat[i]! / 1e7,
    at: now - c.age[i]! * 100,
    heightM: c.height[i]! / 10,
    speedMPS: c.speed[i]! / 100,
    trackDeg: c.track[i]! / 100,
    climbMPS: c.climb[i]! / 100,
    batteryPct: c.battery[i]! / 100,
    needPct: c.need[i]! / 100,
    offM: c.off[i]!,
    offHeightM: c.offHeight[i]!,
    behindS: c.behind[i]!,
    outside: c.outside[i]!,
    linkDBm: c.dbm[i]!,
    phase: phaseOf(b),
    link: ((b >> 3) & 3) as Link,
    toGoM: c.toGo[i]!,
    eta: c.eta[i] === NO_ETA ? undefined : now + c.eta[i]! * 1000,
  };
}

function decodeBoxes(buf: ArrayBuffer, count: number, now: number): BoxRow[] {
  const c = columns(buf, count);
  const [temp, out] = [c.i32(), c.u32()];
  const [index, age] = [c.u16(), c.u16()];
  const [state, bits] = [c.u8(), c.u8()];
  const rows: BoxRow[] = [];
  for (let i = 0; i < count; i++) {
    const b = bits[i]!;
    rows.push({
      index: index[i]!,
      tempMC: temp[i]!,
      outOfRangeS: out[i]!,
      at: now - age[i]! * 100,
      state: BOX_STATES[state[i]!] ?? "unknown",
      watched: (b & 1) !== 0,
      breached: (b & 2) !== 0,
      fault: (b & 4) !== 0,
      hasReading: (b & 16) !== 0,
    });
  }
  return rows;
}
