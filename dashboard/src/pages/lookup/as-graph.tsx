import { useLocation } from 'wouter'
import type { AsBrief, LookupMode, Neighbours } from '#dash/api/lookup.ts'
import { useWidth } from '#dash/charts/use-width.ts'
import { formatCount } from '#dash/ui/format.tsx'
import { lookupHref } from './lookup-href.ts'

const NODE_HEIGHT = 46
const GAP = 12
const ROW_GAP = 62
const HEIGHT = 3 * NODE_HEIGHT + 2 * ROW_GAP + 44

type Relation = 'upstream' | 'peer' | 'customer'

const GROUPS: readonly { readonly relation: Relation; readonly name: string }[] = [
  { relation: 'upstream', name: 'Upstreams' },
  { relation: 'peer', name: 'Peers' },
  { relation: 'customer', name: 'Customers' },
]

interface Node {
  readonly relation: Relation
  /** Undefined stands for those there is no room for. */
  readonly as: AsBrief | undefined
  readonly more: number
  readonly x: number
  readonly y: number
}

export interface AsGraphProps {
  readonly as: AsBrief
  readonly neighbours: Neighbours
  readonly mode: LookupMode
}

/** A system among its neighbours, as many as there is room for: upstreams above, peers beside, customers below. */
export function AsGraph({ as, neighbours, mode }: AsGraphProps) {
  const [frame, width] = useWidth<HTMLDivElement>()
  const [, navigate] = useLocation()
  const nodeWidth = width < 520 ? Math.max(72, (width - 2 * GAP) / 3) : 128
  const centre = { x: width / 2, y: HEIGHT / 2 }
  const nodes = width === 0 ? [] : place(neighbours, { width, nodeWidth })
  return (
    <div className="as-graph" ref={frame}>
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT}
          viewBox={`0 0 ${width} ${HEIGHT}`}
          role="group"
          aria-label={`AS${as.asn} and its neighbours`}
        >
          {nodes.map((node) => (
            <path
              key={`${node.relation} ${node.as?.asn ?? 'more'}`}
              className="as-edge"
              data-relation={node.relation}
              d={edge(node, centre, nodeWidth)}
            />
          ))}
          <RowLabel y={14} width={width} text="Upstreams" />
          <RowLabel y={HEIGHT - 5} width={width} text="Customers" />
          {GROUPS.map(({ relation, name }) => (
            <g key={relation} role="group" aria-label={name}>
              {nodes
                .filter((node) => node.relation === relation)
                .map((node) => (
                  <GraphNode
                    key={node.as?.asn ?? 'more'}
                    node={node}
                    width={nodeWidth}
                    mode={mode}
                    onGo={navigate}
                  />
                ))}
            </g>
          ))}
          <g className="as-node" data-centre="">
            <NodeText as={as} x={centre.x} y={centre.y} width={nodeWidth} />
          </g>
        </svg>
      )}
    </div>
  )
}

interface GraphNodeProps {
  readonly node: Node
  readonly width: number
  readonly mode: LookupMode
  readonly onGo: (href: string) => void
}

function GraphNode({ node: { as, more, x, y, relation }, width, mode, onGo }: GraphNodeProps) {
  if (as === undefined)
    return (
      <g className="as-node" data-relation={relation} data-more="">
        <Box x={x} y={y} width={width} />
        <text x={x} y={y + 5}>
          {formatCount(more)} more
        </text>
      </g>
    )
  const href = lookupHref(`AS${as.asn}`, mode)
  return (
    <a
      href={href}
      className="as-node"
      data-relation={relation}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        onGo(href)
      }}
    >
      <NodeText as={as} x={x} y={y} width={width} />
    </a>
  )
}

interface BoxProps {
  readonly x: number
  readonly y: number
  readonly width: number
}

function Box({ x, y, width }: BoxProps) {
  return <rect x={x - width / 2} y={y - NODE_HEIGHT / 2} width={width} height={NODE_HEIGHT} rx={9} />
}

function NodeText({ as, x, y, width }: BoxProps & { readonly as: AsBrief }) {
  const name = as.organization || as.name
  return (
    <>
      <title>{`AS${as.asn} ${name}`}</title>
      <Box x={x} y={y} width={width} />
      <text x={x} y={y - 3} className="as-number">
        AS{as.asn}
      </text>
      <text x={x} y={y + 14}>
        {fitting(name, width - 16)}
      </text>
    </>
  )
}

const CAPITAL_PX = 8.4
const LETTER_PX = 6.5

/** As much of a name as fits in, at the widths of average letters. */
function fitting(name: string, widthPx: number): string {
  const letters = Array.from(name)
  let taken = 0
  for (const [index, letter] of letters.entries()) {
    taken += /[\p{Lu}\d&@%]/u.test(letter) ? CAPITAL_PX : LETTER_PX
    if (taken > widthPx)
      return `${letters
        .slice(0, Math.max(1, index - 1))
        .join('')
        .trimEnd()}…`
  }
  return name
}

function RowLabel({ y, width, text }: { readonly y: number; readonly width: number; readonly text: string }) {
  return (
    <text x={width / 2} y={y} className="as-row-label" aria-hidden="true">
      {text}
    </text>
  )
}

interface Room {
  readonly width: number
  readonly nodeWidth: number
}

function place(neighbours: Neighbours, { width, nodeWidth }: Room): readonly Node[] {
  const step = nodeWidth + GAP
  const perRow = Math.max(1, Math.floor((width + GAP) / step))
  const perSide = Math.max(0, Math.floor((width - nodeWidth) / 2 / step))
  const centreX = width / 2
  const rowXs = (count: number) =>
    Array.from({ length: count }, (_, index) => centreX + (index - (count - 1) / 2) * step)
  const sideXs = Array.from({ length: perSide }, (_, index) => [
    centreX - (index + 1) * step,
    centreX + (index + 1) * step,
  ]).flat()
  return [
    ...row('upstream', neighbours.upstreams, rowXs(Math.min(perRow, neighbours.upstreams.length)), 22),
    ...row('peer', neighbours.peers, sideXs, HEIGHT / 2 - NODE_HEIGHT / 2),
    ...row(
      'customer',
      neighbours.customers,
      rowXs(Math.min(perRow, neighbours.customers.length)),
      HEIGHT - 22 - NODE_HEIGHT,
    ),
  ]
}

/** Systems at the places there are; the last place tells of those that are left. */
function row(relation: Relation, systems: readonly AsBrief[], xs: readonly number[], top: number): Node[] {
  const isFull = systems.length > xs.length
  const shown = isFull ? xs.length - 1 : systems.length
  return xs.slice(0, systems.length).map((x, index) => ({
    relation,
    as: index < shown ? systems[index] : undefined,
    more: systems.length - shown,
    x,
    y: top + NODE_HEIGHT / 2,
  }))
}

function edge(node: Node, centre: { readonly x: number; readonly y: number }, nodeWidth: number): string {
  const half = NODE_HEIGHT / 2
  if (node.relation === 'peer') {
    const side = Math.sign(node.x - centre.x)
    const isNear = Math.abs(node.x - centre.x) < nodeWidth + 2 * GAP
    // Those further out are reached over the heads of those between.
    if (isNear) return `M${centre.x + (side * nodeWidth) / 2},${centre.y}H${node.x - (side * nodeWidth) / 2}`
    const from = centre.x + side * nodeWidth * 0.35
    const lift = half + 20
    return `M${from},${centre.y - half}C${from + side * 30},${centre.y - half - lift + 12} ${node.x - side * 40},${node.y - half - lift + 12} ${node.x},${node.y - half}`
  }
  const sign = node.relation === 'upstream' ? -1 : 1
  const from = centre.y + sign * half
  const to = node.y - sign * half
  const between = (from + to) / 2
  return `M${centre.x},${from}C${centre.x},${between} ${node.x},${between} ${node.x},${to}`
}
