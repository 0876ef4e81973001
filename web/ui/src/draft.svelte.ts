// The zone that a person is drawing: corners in order, then closed.

export type LonLat = [number, number];

/** a click as near to the first corner as this closes the ring */
export const CLOSE_PX = 14;
export const MIN_CORNERS = 3;
export const MAX_CORNERS = 200;

class Draft {
  on = $state(false);
  closed = $state(false);
  corners = $state.raw<LonLat[]>([]);

  start(): void {
    this.on = true;
    this.clear();
  }

  stop(): void {
    this.on = false;
    this.clear();
  }

  clear(): void {
    this.closed = false;
    this.corners = [];
  }

  add(p: LonLat): void {
    if (!this.closed && this.corners.length < MAX_CORNERS) this.corners = [...this.corners, p];
  }

  /** undo opens a closed ring, or takes the last corner back. */
  undo(): void {
    if (this.closed) this.closed = false;
    else this.corners = this.corners.slice(0, -1);
  }

  close(): void {
    this.closed = this.corners.length >= MIN_CORNERS;
  }
}

export const draft = new Draft();
