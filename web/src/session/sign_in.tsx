import { useState } from 'preact/hooks';

import { type Session, signIn } from './session';

/** Asks for a token, or a name and a password: a password alone is taken for a token. */
export function SignIn({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const user = String(form.get('user') ?? '').trim();
    const password = String(form.get('password') ?? '').trim();
    setBusy(true);
    try {
      onSignedIn(await signIn(user ? { user, password } : { token: password }));
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1><img src="/icon.svg" alt="" width={28} height={28} />livedata</h1>
        <label>Name <span class="muted">(empty for a token)</span>
          <input name="user" autocomplete="username" autofocus />
        </label>
        <label>Password or token
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        {error && <p class="error" role="alert">{error}</p>}
        <button class="primary" disabled={busy}>Sign in</button>
        <p class="muted"><code>livedata token create NAME --role reader</code> makes a token on the server's machine.</p>
      </form>
    </main>
  );
}
