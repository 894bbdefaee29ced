import { useEffect, useState } from 'preact/hooks';

import { type Session, currentSession, signOut } from './session';

/** Who is signed in, and the way out; nothing where the server asks nobody. */
export function SignOutButton() {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => { currentSession().then(setSession, () => undefined); }, []);
  if (!session?.authentication) return null;
  const title = `${session.name}, tenant ${session.tenant}: sign out`;
  return (
    <button type="button" class="theme" title={title} aria-label={title}
      onClick={() => void signOut().then(() => location.reload())}>⎋</button>
  );
}
