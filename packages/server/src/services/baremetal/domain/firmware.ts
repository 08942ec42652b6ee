/** One image to write, as the step `firmware.update` names it. */
export interface Image {
  readonly component: string
  readonly url: string
  /** Seconds to leave the machine alone afterwards. */
  readonly wait: number | null
}

/** The list that `firmware.update` takes, or what is wrong with it. */
export const imagesOf = (given: unknown): { readonly images: readonly Image[] } | { readonly wrong: string } => {
  if (!Array.isArray(given) || given.length === 0)
    return { wrong: '"settings" must be a list of objects with "component" and "url" that is not empty.' }
  const images: Image[] = []
  for (const each of given) {
    const image = (each ?? {}) as Record<string, unknown>
    const other = Object.keys(image).find(key => !['component', 'url', 'wait'].includes(key))
    if (other !== undefined) return { wrong: `An image has "component", "url" and "wait", no "${other.slice(0, 60)}".` }
    const { component, url, wait } = image
    if (typeof component !== 'string' || component === '') return { wrong: 'Every image needs a "component", for example bios or bmc.' }
    if (typeof url !== 'string' || !URL.canParse(url))
      return { wrong: `The "url" of the image for ${component.slice(0, 60)} must be one that the BMC can fetch.` }
    if (wait !== undefined && !(Number.isSafeInteger(wait) && (wait as number) >= 1 && (wait as number) <= 86_400))
      return { wrong: '"wait" of an image is a whole number of seconds, at least 1 and at most a day.' }
    images.push({ component, url, wait: (wait as number | undefined) ?? null })
  }
  return { images }
}

/**
 * Whether a version that did not change is what was asked for all the same: an image that names it. Without that nobody can tell an
 * update of the same version from one that was not done.
 */
export const names = (url: string, version: string | null): boolean => {
  const numbers = version?.match(/\d+(?:\.\d+)+\w*/)?.[0]
  if (version === null) return false
  const file = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '').toLowerCase()
  return [version, numbers].some(form => form !== undefined && form.length >= 3 && file.includes(form.toLowerCase()))
}
