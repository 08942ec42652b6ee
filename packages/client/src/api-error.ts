/** An answer that is no success: its status, what the service said, and the request id to find it in the server's log. */
export class ApiError extends Error {
  readonly status: number
  readonly requestId: string | undefined
  readonly body: unknown
  constructor(status: number, message: string, requestId: string | undefined, body: unknown) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.requestId = requestId
    this.body = body
  }
}
