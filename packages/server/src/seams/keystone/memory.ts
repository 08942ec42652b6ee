/** Answers that are believed for a while. Who asks for the same thing at the same time waits for one answer; a failure is not kept. */
export const remember = <T>(most: number, age: number, now: () => number = () => performance.now()) => {
  const entries = new Map<string, { readonly answer: Promise<T>; readonly until: number }>()
  return (key: string, ask: () => Promise<T>): Promise<T> => {
    const known = entries.get(key)
    if (known && known.until > now()) return known.answer
    entries.delete(key)
    // A Map keeps the order in which things came: the oldest goes.
    if (entries.size >= most) entries.delete(entries.keys().next().value!)
    const answer = ask()
    const entry = { answer, until: now() + age }
    entries.set(key, entry)
    answer.catch(() => {
      if (entries.get(key) === entry) entries.delete(key)
    })
    return answer
  }
}
