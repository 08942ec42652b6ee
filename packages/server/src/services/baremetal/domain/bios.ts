export type BiosValue = string | number | boolean | null

/** What a registry tells of a setting. */
export interface Rule {
  readonly name: string
  readonly type: 'Enumeration' | 'String' | 'Integer' | 'Boolean' | 'Password' | null
  readonly values: readonly string[] | null
  readonly least: number | null
  readonly most: number | null
  readonly minLength: number | null
  readonly maxLength: number | null
  readonly readOnly: boolean | null
  readonly needsReset: boolean | null
  readonly unique: boolean | null
}

/** A setting as a step names it: the API has all values as text. */
export interface Wish {
  readonly name: string
  readonly value: unknown
}

type Settings = Readonly<Record<string, BiosValue>>

export type Fitted = { readonly is: 'fit'; readonly values: Settings } | { readonly is: 'wrong'; readonly why: string }

/** Values in the types that the machine has them in, by its registry, or by what it has now; or what is wrong with them. */
export const fitted = (wishes: readonly Wish[], present: Settings, registry: readonly Rule[] | null): Fitted => {
  const rules = new Map(registry?.map(rule => [rule.name, rule]))
  const values: Record<string, BiosValue> = {}
  const wrong: string[] = []
  for (const { name, value } of wishes) {
    const rule = rules.get(name)
    if (!rule && !Object.hasOwn(present, name)) wrong.push(`there is no setting "${name.slice(0, 80)}"`)
    else {
      const [typed, why] = rule ? byRule(rule, value) : [byExample(present[name] ?? null, value)]
      if (why !== undefined) wrong.push(`"${name}" ${why}`)
      else values[name] = typed ?? null
    }
  }
  return wrong.length > 0 ? { is: 'wrong', why: `${wrong.slice(0, 20).join('; ')}.` } : { is: 'fit', values }
}

const byRule = (rule: Rule, given: unknown): readonly [BiosValue, string?] => {
  if (rule.readOnly) return [null, 'can only be read']
  switch (rule.type) {
    case 'Enumeration': {
      const text = String(given)
      if (rule.values && !rule.values.includes(text)) return [null, `must be one of ${rule.values.slice(0, 40).join(', ')}`]
      return [text]
    }
    case 'Integer': {
      const number = typeof given === 'string' && given.trim() === '' ? Number.NaN : Number(given)
      if (!Number.isSafeInteger(number)) return [null, 'must be a whole number']
      if ((rule.least !== null && number < rule.least) || (rule.most !== null && number > rule.most))
        return [null, `must be from ${rule.least ?? 'anything'} to ${rule.most ?? 'anything'}`]
      return [number]
    }
    case 'Boolean': {
      const truth = given === true || given === false ? given : TRUTH[String(given).toLowerCase()]
      return truth === undefined ? [null, 'must be true or false'] : [truth]
    }
    default: {
      const text = given === null || given === undefined ? '' : String(given)
      if ((rule.minLength !== null && text.length < rule.minLength) || (rule.maxLength !== null && text.length > rule.maxLength))
        return [null, `must have ${rule.minLength ?? 0} to ${rule.maxLength ?? 'any number of'} characters`]
      return [text]
    }
  }
}

const TRUTH: Readonly<Record<string, boolean>> = { true: true, false: false }

const byExample = (example: BiosValue, given: unknown): BiosValue => {
  if (given === null || given === undefined) return null
  if (typeof example === 'number' && Number.isFinite(Number(given))) return Number(given)
  if (typeof example === 'boolean') return TRUTH[String(given).toLowerCase()] ?? String(given)
  return String(given)
}

/** Names of those that are not as wanted. */
export const missing = (wanted: Settings, present: Settings): readonly string[] =>
  Object.keys(wanted).filter(name => present[name] !== wanted[name])

/** What the API tells of a setting beside its value. */
export const registryOf = (rule: Rule): Readonly<Record<string, unknown>> => ({
  allowable_values: rule.values,
  attribute_type: rule.type,
  lower_bound: rule.least,
  max_length: rule.maxLength,
  min_length: rule.minLength,
  read_only: rule.readOnly,
  reset_required: rule.needsReset,
  unique: rule.unique,
  upper_bound: rule.most,
})
