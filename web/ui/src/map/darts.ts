// Every drone as a dart, drawn by the graphics processor in two calls: those that carry
// nothing first, then those that the page dresses, the loudest on top. The shader carries each
// fix on with its velocity as live/motion.ts does, so that a frame without news costs two
// numbers. Places are offsets in the Mercator plane from an origin nearby, where 32 bits are
// finer than a pixel at any zoom; north is up.

import type { Fleet } from "../live/fleet";
import { BLEND_S, MAX_EXTRAPOLATE_S } from "../live/motion";
import { degreeAt, mercator } from "./mercator";
import { rgbOf } from "./style";

/** Look is how a dart is drawn, in bits. */
export const enum Look {
  Plain = 0,
  NearLimit = 1,
  Excursion = 2,
  Unknown = 3,
  Stale = 4,
  Colour = 7,
  Selected = 8,
  Parked = 16,
  Small = 32,
  Hidden = 64,
}

export interface Dressed {
  slot: number;
  look: number;
}

/** Camera is what the chart shows: where the origin is in pixels, and how many of them the
 * world is wide and a metre long. */
export interface Camera {
  x: number;
  y: number;
  worldPx: number;
  metrePx: number;
  /** of the chart's canvas, in the screen's own pixels */
  width: number;
  height: number;
}

const FLOATS = 10; // a drone: place, velocity, offset, times, track, look
const ATTRIBUTES = [2, 2, 2, 2, 1, 1] as const;
const EPOCH_MS = 3_600_000; // times are kept from a near epoch, so that 32 bits hold milliseconds

// A small one is a point: one vertex, since of thousands each counts.
const SMALL_PX = 16;
const SMALLER = 1.6;

const VERTEX = `#version 300 es
layout(location=0) in vec2 place;
layout(location=1) in vec2 velocity;
layout(location=2) in vec2 offset;
layout(location=3) in vec2 times;
layout(location=4) in float track;
layout(location=5) in float look;
uniform vec2 origin, size;
uniform float worldPx, now, wall, metrePx, ratio;
out vec2 from;
out float ring;
flat out vec2 turn;
flat out int bits;
void main() {
  bits = int(look);
  turn = vec2(cos(track), sin(track));
  float age = max(0.0, now - times.x);
  float carried = min(age, ${MAX_EXTRAPOLATE_S.toFixed(1)});
  float k = exp(-max(0.0, wall - times.y) / ${BLEND_S});
  vec2 px = origin + (place + velocity * carried + offset * k) * worldPx;
  ring = 0.0;
  from = vec2(0.0);
  if ((bits & ${Look.Small}) == 0) {
    if ((bits & ${Look.Colour}) == ${Look.Stale}) ring = clamp(age * length(velocity) * worldPx, 14.0, 8000.0 * metrePx);
    from = (vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0) * max(21.0, ring + 2.0);
  }
  vec2 clip = (px + from) / size * 2.0 - 1.0;
  gl_Position = (bits & ${Look.Hidden}) != 0 ? vec4(2.0, 2.0, 0.0, 1.0) : vec4(clip.x, -clip.y, 0.0, 1.0);
  gl_PointSize = ${SMALL_PX.toFixed(1)} * ratio;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec2 from;
in float ring;
flat in vec2 turn;
flat in int bits;
uniform float ratio;
uniform bool points;
uniform vec4 fills[5], edges[5];
uniform vec4 accent;
out vec4 colour;
float cover(float d) { return clamp(0.5 - d * ratio, 0.0, 1.0); }
void over(vec4 c, float a) { a *= c.a; colour = vec4(c.rgb * a, a) + colour * (1.0 - a); }
void main() {
  int state = bits & ${Look.Colour};
  vec2 here = points ? (gl_PointCoord * 2.0 - 1.0) * ${(SMALL_PX / 2) * SMALLER} : from;
  vec2 at = vec2(turn.x * here.x + turn.y * here.y, turn.x * here.y - turn.y * here.x);
  // A dart: right of its axis it lies inside the edge from its tip and above the one to its notch.
  vec2 p = vec2(abs(at.x), at.y);
  float dart = max(dot(p - vec2(0.0, -11.25), vec2(0.92479, -0.38051)), dot(p - vec2(8.75, 10.0), vec2(-0.44721, 0.89443)));
  float body = cover(dart + 0.6);
  if (points) {
    if (dart > 1.5) discard;
    colour = mix(edges[state], fills[state], body) * cover(dart - 0.7);
    return;
  }
  colour = vec4(0.0);
  float r = length(at);
  if (ring > 0.0) {
    over(vec4(edges[state].rgb, 0.12), cover(r - ring));
    float dash = step(0.5, fract(atan(at.y, at.x) / 6.2832 * max(8.0, floor(ring * 0.8))));
    over(edges[state], dash * cover(abs(r - ring) - 0.7));
  }
  if ((bits & ${Look.Selected}) != 0) over(accent, cover(abs(r - 17.2) - 0.8));
  if (state == ${Look.Excursion}) {
    float oct = max(max(abs(at.x), abs(at.y)), (abs(at.x) + abs(at.y)) * 0.70711) - 15.5;
    over(vec4(fills[state].rgb, 0.25), cover(oct));
    over(fills[state], cover(abs(oct) - 1.0));
  }
  float dim = (bits & ${Look.Parked}) != 0 ? 0.7 : 1.0;
  over(edges[state], dim * cover(dart - 0.7));
  if (state == ${Look.Stale}) colour *= 1.0 - cover(dart + 1.2);
  else over(fills[state], dim * body);
}`;

const UNIFORMS = ["origin", "size", "worldPx", "now", "wall", "metrePx", "ratio", "points", "fills", "edges", "accent"];

/** what each state is filled with, and its edge */
const TOKENS: readonly [string, string][] = [
  ["--dart", "--dart-edge"],
  ["--warn-fill", "--warn-line"],
  ["--crit", "#fff"],
  ["--stale", "--dart-edge"],
  ["--stale", "--stale"],
];

export class Darts {
  readonly canvas = document.createElement("canvas");
  private readonly gl: WebGL2RenderingContext;
  private readonly origin: { x: number; y: number };
  private program: WebGLProgram | undefined;
  private ready = false;
  private uniforms = new Map<string, WebGLUniformLocation | null>();
  private buffers: { all: WebGLBuffer; dressed: WebGLBuffer } | undefined;
  private all = new Float32Array(0);
  private top = new Float32Array(0);
  private looks = new Uint8Array(0);
  private dressed: readonly Dressed[] = [];
  private seen = 0;
  private epochNow = 0;
  private epochWall = 0;
  private anew = true; // nothing that was uploaded is of use any more
  private redressed = false;
  private turned: number[] = []; // slots whose look changed
  /** others are the drones that the page does not dress: whether they are shown */
  others = true;

  constructor(
    private readonly fleet: Fleet,
    origin: { lon: number; lat: number },
  ) {
    this.origin = mercator(origin);
    this.canvas.className = "darts";
    const gl = this.canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true });
    if (gl === null) throw new Error("this browser has no WebGL 2");
    this.gl = gl;
    this.canvas.addEventListener("webglcontextlost", (e) => e.preventDefault());
    this.canvas.addEventListener("webglcontextrestored", () => this.build());
  }

  /** build has the shaders compiled, which takes its time: nothing is drawn until they are. */
  private build(): void {
    const gl = this.gl;
    this.ready = false;
    this.program = gl.createProgram();
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ] as const) {
      const shader = gl.createShader(type)!;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.program, shader);
    }
    gl.linkProgram(this.program);
  }

  /** built reports whether the shaders are compiled, and then takes them. */
  private built(): boolean {
    const { gl, program } = this;
    if (this.ready) return true;
    if (program === undefined) this.build();
    if (program === undefined || gl.isContextLost()) return false;
    const parallel = gl.getExtension("KHR_parallel_shader_compile");
    if (parallel && gl.getProgramParameter(program, parallel.COMPLETION_STATUS_KHR) === false) return false;
    if (gl.getProgramParameter(program, gl.LINK_STATUS) === false)
      throw new Error(`the darts cannot be drawn: ${gl.getProgramInfoLog(program)}`);
    gl.useProgram(program);
    this.uniforms = new Map(UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)]));
    this.buffers = { all: gl.createBuffer(), dressed: gl.createBuffer() };
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.ready = this.anew = true;
    this.colour();
    return true;
  }

  /** colour takes the colours of the page's theme. */
  colour(): void {
    if (!this.ready) return;
    const css = getComputedStyle(document.documentElement);
    const rgba = (token: string): number[] =>
      rgbOf(token.startsWith("--") ? css.getPropertyValue(token) : token)
        .map((x) => x / 255)
        .concat(1);
    this.gl.uniform4fv(
      this.at("fills"),
      TOKENS.flatMap(([fill]) => rgba(fill)),
    );
    this.gl.uniform4fv(
      this.at("edges"),
      TOKENS.flatMap(([, edge]) => rgba(edge)),
    );
    this.gl.uniform4fv(this.at("accent"), rgba("--acc"));
  }

  private at(name: string): WebGLUniformLocation | null {
    return this.uniforms.get(name) ?? null;
  }

  /** dress says how some drones look, those on top last. */
  dress(list: readonly Dressed[]): void {
    const looks = new Uint8Array(this.fleet.ids.length).fill(Look.Small);
    for (const d of list) looks[d.slot] = Look.Hidden; // in the first call; the second one draws it
    this.dressed = list;
    for (let slot = 0; slot < looks.length; slot++) if (looks[slot] !== this.looks[slot]) this.turned.push(slot);
    this.looks = looks;
    this.redressed = true;
  }

  private look(slot: number): number {
    return this.fleet.moves(slot) ? this.looks[slot]! : Look.Hidden;
  }

  /** draw shows all at a server time and a wall time, in ms. */
  draw(now: number, wall: number, camera: Camera): void {
    const gl = this.gl;
    if (!this.built() || this.buffers === undefined) return;
    this.renew(now, wall);
    const ratio = this.resize(camera);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(this.at("origin"), camera.x, camera.y);
    gl.uniform2f(this.at("size"), this.canvas.width / ratio, this.canvas.height / ratio);
    gl.uniform1f(this.at("worldPx"), camera.worldPx);
    gl.uniform1f(this.at("metrePx"), camera.metrePx);
    gl.uniform1f(this.at("ratio"), ratio);
    gl.uniform1f(this.at("now"), (now - this.epochNow) / 1000);
    gl.uniform1f(this.at("wall"), (wall - this.epochWall) / 1000);
    if (this.others) this.run(this.buffers.all, this.fleet.ids.length, true);
    this.run(this.buffers.dressed, this.dressed.length, false);
  }

  /** run draws so many drones of a buffer, as points or as squares. */
  private run(buffer: WebGLBuffer, count: number, points: boolean): void {
    const gl = this.gl;
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    let at = 0;
    ATTRIBUTES.forEach((n, i) => {
      gl.enableVertexAttribArray(i);
      gl.vertexAttribPointer(i, n, gl.FLOAT, false, FLOATS * 4, at * 4);
      gl.vertexAttribDivisor(i, points ? 0 : 1);
      at += n;
    });
    gl.uniform1i(this.at("points"), points ? 1 : 0);
    if (points) gl.drawArrays(gl.POINTS, 0, count);
    else gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
  }

  /** resize takes the chart's own size, which is known without a layout of the page. */
  private resize({ width, height }: Camera): number {
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.gl.viewport(0, 0, width, height);
    }
    return devicePixelRatio;
  }

  /** renew uploads what changed since the last time. */
  private renew(now: number, wall: number): void {
    const { fleet } = this;
    if (Math.abs(now - this.epochNow) > EPOCH_MS || Math.abs(wall - this.epochWall) > EPOCH_MS) {
      this.epochNow = now;
      this.epochWall = wall;
      this.anew = true;
    }
    const n = fleet.ids.length;
    if (this.all.length !== n * FLOATS) {
      this.all = new Float32Array(n * FLOATS);
      if (this.looks.length !== n) this.dress([]);
      this.anew = true;
    }
    if (fleet.version === this.seen && !this.anew && !this.redressed) return;
    if (this.others) this.renewAll();
    this.renewDressed();
    this.seen = fleet.version;
    this.anew = this.redressed = false;
    this.turned = [];
  }

  private renewAll(): void {
    const { fleet, gl } = this;
    for (const slot of this.turned) this.put(this.all, slot, slot, this.look(slot));
    for (let slot = 0; slot < fleet.ids.length; slot++)
      if (this.anew || fleet.stamps[slot]! > this.seen) this.put(this.all, slot, slot, this.look(slot));
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers!.all);
    gl.bufferData(gl.ARRAY_BUFFER, this.all, gl.DYNAMIC_DRAW);
  }

  private renewDressed(): void {
    const { gl, dressed } = this;
    if (this.top.length < dressed.length * FLOATS) this.top = new Float32Array(dressed.length * 2 * FLOATS);
    dressed.forEach((d, i) => this.put(this.top, i, d.slot, d.look));
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers!.dressed);
    gl.bufferData(gl.ARRAY_BUFFER, this.top, gl.DYNAMIC_DRAW);
  }

  /** put writes slot's drone as the i-th of some. */
  private put(to: Float32Array, i: number, slot: number, look: number): void {
    const { fleet } = this;
    const m = fleet.motion;
    const p = { lon: fleet.lon(slot), lat: fleet.lat(slot) };
    const [place, degree] = [mercator(p), degreeAt(p.lat)];
    const at = i * FLOATS;
    to[at] = place.x - this.origin.x;
    to[at + 1] = place.y - this.origin.y;
    to[at + 2] = m.velocityLon[slot]! * degree.x;
    to[at + 3] = m.velocityLat[slot]! * degree.y;
    to[at + 4] = m.offLon[slot]! * degree.x;
    to[at + 5] = m.offLat[slot]! * degree.y;
    to[at + 6] = (m.fixAt[slot]! - this.epochNow) / 1000;
    to[at + 7] = (m.heardAt[slot]! - this.epochWall) / 1000;
    to[at + 8] = (fleet.trackDeg(slot) * Math.PI) / 180;
    to[at + 9] = look;
  }

  remove(): void {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
    this.canvas.remove();
  }
}
