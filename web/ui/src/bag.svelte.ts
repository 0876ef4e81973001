// The bar codes of one bag, read one after the other: by a scanner, a camera or typing.
import { call, type Label } from "./api";

export class Bag {
  private scans: string[] = [];
  /** what the scans say together */
  met = $state.raw<Label | undefined>();

  /** read adds a scan, and says what is known of the bag now. A scan that does not fit is refused, and
   * forgotten. */
  async read(text: string): Promise<Label> {
    const scans = [...this.scans, text];
    const label = await call<Label>("POST", "/labels", { scans });
    this.scans = scans;
    this.met = label;
    return label;
  }
  again(): void {
    this.scans = [];
    this.met = undefined;
  }
}
