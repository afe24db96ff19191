/** A click, and what becomes of it: the short link, the hop, the page, and what is known afterwards. */
export function HopFigure({ host }: { readonly host: string }) {
  return (
    <figure className="hop-figure">
      <div className="hop-ends">
        <span className="hop-end">
          <small>Short link</small>
          <span className="mono clip">{host}/launch</span>
        </span>
        <span className="hop-end" data-to="">
          <small>Page</small>
          <span className="mono clip">example.com/spring/launch</span>
        </span>
      </div>
      <svg viewBox="0 0 400 120" className="hop-arc" aria-hidden="true">
        <path d="M60 108C60 4 340 4 340 108" className="hop-path" pathLength="1" />
        <circle cx="60" cy="108" r="7" className="hop-from" />
        <circle cx="340" cy="108" r="7" className="hop-to" />
      </svg>
      <dl className="hop-facts">
        <div>
          <dt>Place</dt>
          <dd>Zürich, Switzerland</dd>
        </div>
        <div>
          <dt>Network</dt>
          <dd>AS559, SWITCH</dd>
        </div>
        <div>
          <dt>Device</dt>
          <dd>Phone, Firefox, Android</dd>
        </div>
        <div>
          <dt>Came from</dt>
          <dd>QR code</dd>
        </div>
      </dl>
      <figcaption className="visually-hidden">
        An example: a click on a short link leads to a page in one hop, and its place, network and device are
        counted.
      </figcaption>
    </figure>
  )
}
