/** Who the server takes this browser for. */
export interface Session {
  authentication: boolean;
  name: string;
  tenant: string;
  roles: string[];
}

export type Secrets = { token: string } | { user: string; password: string };

const path = '/api/v1/session';

/** null: the server wants to know who asks. */
export async function currentSession(): Promise<Session | null> {
  const response = await fetch(path);
  return response.ok ? ((await response.json()) as Session) : null;
}

export async function signIn(secrets: Secrets): Promise<Session> {
  const response = await fetch(path, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(secrets),
  });
  if (!response.ok) throw new Error((await response.text()).trim());
  return (await response.json()) as Session;
}

export async function signOut(): Promise<void> {
  await fetch(path, { method: 'DELETE' });
}
