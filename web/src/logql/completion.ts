/** What can be completed at a place of the query text: a label's name or a label's value. */
export type Completion =
  | { kind: 'name'; prefix: string; from: number }
  | { kind: 'value'; name: string; prefix: string; from: number };

/** Only inside a selector that is still open: `{na`, `{name="va`, `{name="value", na`. */
export function completionAt(text: string, cursor: number): Completion | undefined {
  const before = text.slice(0, cursor);
  const open = before.lastIndexOf('{');
  if (open < 0) return undefined;
  const inside = before.slice(open);
  const value = /(\w+)\s*(?:=~|!=|!~|=)\s*"([^"\\]*)$/.exec(inside);
  const quotes = inside.split('"').length - 1;
  if (quotes % 2 === 1) return value ? { kind: 'value', name: value[1]!, prefix: value[2]!, from: cursor - value[2]!.length } : undefined;
  if (inside.includes('}')) return undefined;
  const name = /[{,]\s*(\w*)$/.exec(inside);
  return name ? { kind: 'name', prefix: name[1]!, from: cursor - name[1]!.length } : undefined;
}

/** The text with the completion put in, and where the cursor goes. */
export function complete(text: string, cursor: number, completion: Completion, chosen: string): { text: string; cursor: number } {
  const escaped = JSON.stringify(chosen).slice(1, -1);
  let inserted = completion.kind === 'name' ? `${chosen}="` : `${escaped}"`;
  let rest = text.slice(cursor);
  if (completion.kind === 'value' && rest.startsWith('"')) rest = rest.slice(1);
  if (completion.kind === 'name' && /^\s*[=!]/.test(rest)) inserted = chosen;
  return { text: text.slice(0, completion.from) + inserted + rest, cursor: completion.from + inserted.length };
}
