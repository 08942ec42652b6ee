/** The path that is meant by other forms of it that the original knows, and clients use. */
export const meant = (path: string): string => {
  // Paths without a version are the first one's: bookmark links lead there.
  const whole = /^\/(?:v1(?:\/|$)|openapi\.json$|policy\/|$)/.test(path) ? path : `/v1${path}`
  // The node behind its state, as its oldest clients have it.
  return whole.replace(/^\/v1\/nodes\/states\/(console|power|provision|raid)\/([^/]+)$/, '/v1/nodes/$2/states/$1')
}
