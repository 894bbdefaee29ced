import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { type Session, currentSession } from './session';
import { SignIn } from './sign_in';

/** Shows the page to those whom the server knows, and the others where to sign in. */
export function Gate({ children }: { children: ComponentChildren }) {
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  useEffect(() => {
    // Without an answer the page itself says what is wrong.
    currentSession().then(setSession, () => setSession({ authentication: false, name: '', tenant: '', roles: [] }));
  }, []);
  if (session === undefined) return null;
  return session === null ? <SignIn onSignedIn={setSession} /> : <>{children}</>;
}
