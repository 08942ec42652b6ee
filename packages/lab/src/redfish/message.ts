/** Messages of the standard's Base registry (DSP0268) that the lab uses: what they say, how bad, what to do, which status. */
const BASE = {
  Success: ['The request completed successfully.', 'OK', 'None', 200],
  Created: ['The resource was created successfully.', 'OK', 'None', 201],
  GeneralError: ['A general error has occurred. See ExtendedInfo for more information.', 'Critical', 'None.', 500],
  MalformedJSON: ['The request body is not JSON that can be read.', 'Critical', 'Correct the request body and send it again.', 400],
  PropertyUnknown: ['The property %1 is not among the properties of this resource.', 'Warning', 'Leave the property out.', 400],
  PropertyNotWritable: ['The property %1 is read-only.', 'Warning', 'Leave the property out.', 400],
  PropertyValueTypeError: ['The value %1 of the property %2 has a type that it cannot have.', 'Warning', 'Correct the value.', 400],
  PropertyValueNotInList: [
    'The value %1 of the property %2 is not among those it can have.',
    'Warning',
    'Choose a value of the list.',
    400,
  ],
  PropertyValueFormatError: ['The value %1 of the property %2 has a format that it cannot have.', 'Warning', 'Correct the value.', 400],
  PropertyMissing: ['The property %1 must be in the request.', 'Warning', 'Add the property.', 400],
  ActionParameterMissing: ['The action %1 needs the parameter %2.', 'Critical', 'Add the parameter.', 400],
  ActionParameterUnknown: ['The action %1 does not know the parameter %2.', 'Warning', 'Leave the parameter out.', 400],
  ActionParameterNotSupported: ['The parameter %1 of the action %2 is not supported.', 'Warning', 'Leave the parameter out.', 400],
  ActionParameterValueNotInList: [
    'The value %1 of the parameter %2 is not possible for the action %3.',
    'Warning',
    'Choose another value.',
    400,
  ],
  ActionParameterValueFormatError: [
    'The value %1 of the parameter %2 of the action %3 is malformed.',
    'Warning',
    'Correct the value.',
    400,
  ],
  ActionNotSupported: ['The action %1 is not supported here.', 'Critical', 'Look at what the resource offers.', 400],
  ResourceMissingAtURI: ['There is no resource at %1.', 'Critical', 'Correct the address.', 404],
  ResourceAlreadyExists: ['A %1 whose %2 is %3 exists already.', 'Critical', 'Choose another value.', 409],
  ResourceInUse: ['The resource is in use, so the change cannot be made.', 'Warning', 'Free the resource and try again.', 409],
  OperationNotAllowed: ['This method is not allowed on this resource.', 'Critical', 'Use a method of the Allow header.', 405],
  QueryNotSupported: ['Queries are not supported here.', 'Warning', 'Leave the query out.', 501],
  QueryParameterUnsupported: ['The query parameter %1 is not supported.', 'Warning', 'Leave the parameter out.', 501],
  NoValidSession: ['There is no valid session or password with this request.', 'Critical', 'Log in and try again.', 401],
  ResourceAtUriUnauthorized: ['%1 refused who asks: %2', 'Critical', 'Use right credentials.', 401],
  InsufficientPrivilege: ['The account has not the privileges for this.', 'Critical', 'Use another account.', 403],
  SessionLimitExceeded: ['As many sessions are open as there can be.', 'Critical', 'Close a session and try again.', 503],
  CreateLimitReachedForResource: ['No more of this resource can be made.', 'Critical', 'Delete one and try again.', 400],
  ServiceTemporarilyUnavailable: ['The service is away for a while. Try again in %1 seconds.', 'Critical', 'Wait and try again.', 503],
  PreconditionFailed: ['The ETag of the request is not that of the resource.', 'Critical', 'Read the resource again.', 412],
  PreconditionRequired: ['The request needs an If-Match header.', 'Critical', 'Send the ETag of the resource.', 428],
  UnsupportedMediaType: ['The body must be application/json.', 'Critical', 'Send Content-Type: application/json.', 415],
  RequestTooLarge: ['The body is larger than can be read.', 'Critical', 'Send less.', 413],
  HeaderInvalid: ['The header %1 is wrong.', 'Critical', 'Correct the header.', 412],
  EmptyJSON: ['The request holds nothing to change.', 'Warning', 'Name a property to change.', 400],
} as const satisfies Record<string, readonly [string, string, string, number]>

export type MessageId = keyof typeof BASE

/** One entry of @Message.ExtendedInfo. */
export function message(id: MessageId, args: readonly string[] = [], related: readonly string[] = []): Record<string, unknown> {
  const [template, severity, resolution] = BASE[id]
  return {
    '@odata.type': '#Message.v1_1_1.Message',
    MessageId: `Base.1.8.${id}`,
    Message: template.replace(/%(\d)/g, (_, n) => `'${args[Number(n) - 1] ?? ''}'`),
    MessageArgs: [...args],
    MessageSeverity: severity,
    Severity: severity,
    Resolution: resolution,
    ...(related.length ? { RelatedProperties: [...related] } : {}),
  }
}

/** Ends a request with an answer that is no success. */
export class Refusal extends Error {
  readonly status: number
  readonly messages: readonly Record<string, unknown>[]
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, messages: readonly Record<string, unknown>[], headers: Readonly<Record<string, string>> = {}) {
    super(String(messages[0]?.['Message'] ?? status))
    this.status = status
    this.messages = messages
    this.headers = headers
  }
}

/** A refusal with one message and that message's usual status. */
export function refuse(id: MessageId, args: readonly string[] = [], status?: number, headers?: Readonly<Record<string, string>>): Refusal {
  return new Refusal(status ?? BASE[id][3], [message(id, args)], headers)
}

/** The body of an error answer. */
export function errorBody(messages: readonly Record<string, unknown>[]): Record<string, unknown> {
  const one = messages.length === 1 ? messages[0]! : undefined
  return {
    error: {
      code: one ? one['MessageId'] : 'Base.1.8.GeneralError',
      message: one ? one['Message'] : BASE.GeneralError[0],
      '@Message.ExtendedInfo': [...messages],
    },
  }
}
