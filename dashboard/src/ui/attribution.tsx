/** Who the network data are from, as their licences ask for it: on every page that shows results of them. */
export function Attribution() {
  return (
    <p className="attribution">
      <a href="https://db-ip.com" target="_blank" rel="noreferrer">
        IP Geolocation by DB-IP
      </a>
      {' · network data by '}
      <a href="https://www.routeviews.org" target="_blank" rel="noreferrer">
        RouteViews
      </a>
      {' and the '}
      <a href="https://www.nro.net" target="_blank" rel="noreferrer">
        Number Resource Organization
      </a>
      {' (CC BY 4.0), merged by ip-location-db'}
    </p>
  )
}
