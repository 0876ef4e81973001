// Labels read by a camera: by the browser's own detector where it knows both kinds of symbol,
// else by ZXing, whose program is fetched when a camera is opened.
import wasm from "zxing-wasm/reader/zxing_reader.wasm?url";

/** Reads finds the texts of all symbols in a picture: Code 128 and Data Matrix. */
export type Reads = (frame: ImageData) => Promise<string[]>;

interface Detector {
  detect(frame: ImageData): Promise<{ rawValue: string }[]>;
}
interface Detectors {
  new (of: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

const OWN = ["code_128", "data_matrix"];
const WIDEST = 1280; // pixels of a picture that is read
/** between two pictures; as long as the last one took to read, where that is longer */
const PAUSE_MS = 120;
/** a symbol that stays in view is read once; again when it has been gone for so long */
const GONE_MS = 2_000;
const MOST_SYMBOLS = 8; // of one label

/** reader is what reads pictures in this browser. */
export async function reader(): Promise<Reads> {
  const own = (globalThis as { BarcodeDetector?: Detectors }).BarcodeDetector;
  const known = (await own?.getSupportedFormats().catch(() => undefined)) ?? [];
  if (own && OWN.every((f) => known.includes(f))) {
    const detector = new own({ formats: OWN });
    return async (frame) => (await detector.detect(frame)).map((s) => s.rawValue);
  }
  const zxing = await import("zxing-wasm/reader");
  await zxing.prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  return async (frame) => {
    const found = await zxing.readBarcodes(frame, {
      formats: ["Code128", "DataMatrix"],
      maxNumberOfSymbols: MOST_SYMBOLS,
      textMode: "Plain",
    });
    return found.filter((s) => s.isValid).map((s) => s.text);
  };
}

/** open shows what the camera at the back sees, until it is over. */
export async function open(video: HTMLVideoElement, over: AbortSignal): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: { ideal: "environment" }, width: { ideal: WIDEST } },
  });
  const stop = (): void => stream.getTracks().forEach((t) => t.stop());
  if (over.aborted) return stop();
  over.addEventListener("abort", stop);
  video.srcObject = stream;
  await video.play();
}

/** watch reads what is shown until it is over, and tells each symbol that comes into view, one
 * after the other. */
export async function watch(
  video: HTMLVideoElement,
  read: Reads,
  tell: (text: string) => Promise<void>,
  over: AbortSignal,
): Promise<void> {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  const seen = new Map<string, number>();
  let took = 0;
  while (!over.aborted) {
    await new Promise((next) => setTimeout(next, Math.max(PAUSE_MS, took)));
    if (video.videoWidth === 0 || document.hidden) continue;
    const scale = Math.min(1, WIDEST / video.videoWidth);
    pen.canvas.width = Math.round(video.videoWidth * scale);
    pen.canvas.height = Math.round(video.videoHeight * scale);
    pen.drawImage(video, 0, 0, pen.canvas.width, pen.canvas.height);
    const begun = performance.now();
    const texts = await read(pen.getImageData(0, 0, pen.canvas.width, pen.canvas.height));
    took = performance.now() - begun;
    for (const text of texts) {
      const now = performance.now();
      const fresh = now - (seen.get(text) ?? -Infinity) > GONE_MS;
      seen.set(text, now);
      if (!fresh || over.aborted) continue;
      await tell(text);
      seen.set(text, performance.now()); // it was in view all the while
    }
  }
}
