/** One machine as a child would keep its calendar: an hour is a square on paper, and a square has one name in it. */
export interface Deal {
  readonly id: string
  readonly kind: 'offer' | 'lease' | 'maintenance'
  /** The calendar that a claim or sublease lies in; undefined: on the machine itself, cut along offers. */
  readonly within: Deal | undefined
  start: number
  end: number
  status: 'open' | 'created' | 'active' | 'ended'
  readonly paper: Paper
}

type Paper = Map<number, Deal>

export class Model {
  now = 0
  readonly turnAround: number
  readonly root: Paper = new Map()
  readonly deals: Deal[] = []

  constructor(turnAround: number) {
    this.turnAround = turnAround
  }

  deal(kind: Deal['kind'], id: string, start: number, end: number, within?: Deal): Deal {
    return { id, kind, start, end, within, status: kind === 'lease' ? 'created' : 'open', paper: new Map() }
  }

  living(kind: Deal['kind']): Deal[] {
    return this.deals.filter(d => d.kind === kind && d.status !== 'ended')
  }

  /** Squares of a deal by the paper they are on; undefined when they are not all to be had. */
  squares(deal: Deal, start: number, end: number, turnAround = this.turnAround): [Paper, number][] | undefined {
    const out: [Paper, number][] = []
    if (deal.kind === 'offer') for (let h = start; h < end + turnAround; h++) out.push([this.root, h])
    else if (deal.within) {
      const { within } = deal
      if (start < within.start || end > within.end) return undefined
      for (let h = start; h < Math.min(end, within.end) + turnAround; h++)
        // What the calendar has given back already is not there to be had.
        if (this.holds(within, h)) out.push([within.paper, h])
        else if (h < end) return undefined
    } else {
      for (let h = start; h < end + turnAround; h++) {
        const offer = this.offerAt(h)
        // The hours after an offer's end are for making ready: one may go on through them, but not begin there.
        const agreed = h < end
        if (offer && h >= offer.end) {
          const began = start < offer.end && start >= offer.start ? true : start < offer.start
          if (!began && agreed) return undefined
          if (!began) continue
        }
        out.push([offer ? offer.paper : this.root, h])
      }
    }
    return out.every(([paper, h]) => (paper.get(h) ?? deal) === deal) ? out : undefined
  }

  /** Tries to put a deal there, or to move it. */
  place(deal: Deal, start: number, end: number, turnAround = this.turnAround): boolean {
    const squares = this.squares(deal, start, end, turnAround)
    if (!squares) return false
    const wanted = new Set(squares.map(([paper, h]) => this.key(paper, h)))
    // What lies in it must still lie in it.
    for (const h of deal.paper.keys()) if (h >= end + turnAround || deal.paper.get(h)!.end > end) return false
    for (const paper of this.papers()) for (const [h, d] of paper) if (d === deal && !wanted.has(this.key(paper, h))) paper.delete(h)
    for (const [paper, h] of squares) paper.set(h, deal)
    deal.start = start
    deal.end = end
    if (!this.deals.includes(deal)) this.deals.push(deal)
    return true
  }

  free(deal: Deal, from: number): void {
    for (const paper of this.papers()) for (const [h, d] of paper) if (d === deal && h >= from) paper.delete(h)
  }

  endLease(lease: Deal): void {
    for (const child of this.deals.filter(d => d.within === lease && d.status !== 'ended')) this.endLease(child)
    this.free(lease, lease.status === 'created' ? Number.NEGATIVE_INFINITY : this.now)
    lease.status = 'ended'
    this.tighten()
  }

  endOffer(offer: Deal): void {
    for (const lease of this.deals.filter(d => d.within === offer && d.status !== 'ended')) this.endLease(lease)
    offer.status = 'ended'
    this.tighten()
  }

  endMaintenance(m: Deal): void {
    this.free(m, Number.NEGATIVE_INFINITY)
    m.status = 'ended'
    this.tighten()
  }

  advance(hours: number): void {
    this.now += hours
    const leases = this.living('lease')
    for (const lease of leases) if (lease.end <= this.now) this.endLease(lease)
    for (const lease of leases) if (lease.status === 'created' && lease.start <= this.now) lease.status = 'active'
    for (const offer of this.living('offer'))
      if (offer.end <= this.now) {
        offer.status = 'ended'
        this.tighten()
      }
  }

  /** Who has the machine: the innermost lease whose time it is. */
  holder(): Deal | undefined {
    const active = this.living('lease').filter(l => l.status === 'active')
    return active.find(l => !active.some(c => c.within === l))
  }

  /** Hours from now on that can be had in an offer. */
  bookable(offer: Deal): number[] {
    const out: number[] = []
    for (let h = Math.max(this.now, offer.start); h < offer.end; h++) {
      const next = this.turnAround > 0 && offer.paper.has(h + 1)
      if (!offer.paper.has(h) && !next) out.push(h)
    }
    return out
  }

  private holds(deal: Deal, h: number): boolean {
    return (deal.within?.paper ?? this.root).get(h) === deal || this.deals.some(o => o.kind === 'offer' && o.paper.get(h) === deal)
  }

  private offerAt(h: number): Deal | undefined {
    const there = this.root.get(h)
    return there?.kind === 'offer' ? there : undefined
  }

  /** Offers that are over hold from the first to the last of what is in them. */
  private tighten(): void {
    for (const offer of this.deals.filter(d => d.kind === 'offer' && d.status === 'ended')) {
      const hours = [...offer.paper.keys()]
      const [first, last] = [Math.min(...hours), Math.max(...hours)]
      for (const [h, d] of this.root) if (d === offer && (hours.length === 0 || h < first || h > last)) this.root.delete(h)
    }
  }

  private papers(): Paper[] {
    return [this.root, ...this.deals.map(d => d.paper)]
  }

  private key(paper: Paper, h: number): string {
    return `${this.papers().indexOf(paper)} ${h}`
  }
}
