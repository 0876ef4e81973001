// Passkeys: what the server asks, a phone, a computer or a security key answers.
import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/browser";
import { call, type Schemas } from "./api";

type Question = Schemas["PasskeyQuestion"];

/** possible reports whether this browser knows passkeys. */
export const possible = browserSupportsWebAuthn;

/** shows has its person unlock a passkey, and sends the answer to a path. */
export async function shows<T>(path: string): Promise<T> {
  const q = await call<Question>("POST", "/passkey-questions");
  const { publicKey } = q.options as unknown as { publicKey: PublicKeyCredentialRequestOptionsJSON };
  const credential = await startAuthentication({ optionsJSON: publicKey });
  return await call<T>("POST", path, { question: q.question, credential });
}

/** ask is what a new passkey is made from. */
export const ask = (): Promise<Question> => call<Question>("POST", "/passkeys/question");

/** make has its person make a passkey, which the server keeps by a name. */
export async function make(q: Question, name: string): Promise<void> {
  const { publicKey } = q.options as unknown as { publicKey: PublicKeyCredentialCreationOptionsJSON };
  const credential = await startRegistration({ optionsJSON: publicKey });
  await call<void>("POST", "/passkeys", { question: q.question, credential, name });
}

/** givenUp reports whether its person closed the browser's own dialog. */
export const givenUp = (e: unknown): boolean =>
  e instanceof Error && ["NotAllowedError", "AbortError"].includes(e.name);
