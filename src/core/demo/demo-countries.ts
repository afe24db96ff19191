/** A country that demo clicks come from. */
export interface DemoCountry {
  /** ISO 3166-1 alpha-2. */
  readonly code: string
  readonly continent: 'AF' | 'AS' | 'EU' | 'NA' | 'OC' | 'SA'
  /** Of all clicks, beside the other countries' shares. */
  readonly share: number
  /** Of standard time, where most people live. */
  readonly utcOffsetHours: number
  /** Of people who are not on a phone. */
  readonly desktopShare: number
  readonly acceptLanguage: string
  readonly cities: readonly (readonly [city: string, region: string])[]
  /** Systems of providers that people there use, the larger ones first. */
  readonly networks: readonly (readonly [asn: number, organization: string])[]
}

/**
 * Where demo clicks come from. Cities and organisations stand in for the network data where none are compiled; the
 * numbers of the systems are the real ones, so that lookups of them lead somewhere.
 */
export const DEMO_COUNTRIES: readonly DemoCountry[] = [
  {
    code: 'US',
    continent: 'NA',
    share: 25,
    utcOffsetHours: -6,
    desktopShare: 0.47,
    acceptLanguage: 'en-US,en;q=0.9',
    cities: [
      ['New York', 'New York'],
      ['Chicago', 'Illinois'],
      ['San Francisco', 'California'],
      ['Los Angeles', 'California'],
      ['Seattle', 'Washington'],
      ['Austin', 'Texas'],
      ['Boston', 'Massachusetts'],
      ['Denver', 'Colorado'],
    ],
    networks: [
      [7922, 'Comcast Cable Communications, LLC'],
      [701, 'Verizon Business'],
      [7018, 'AT&T Enterprises, LLC'],
      [21928, 'T-Mobile USA, Inc.'],
      [20115, 'Charter Communications'],
    ],
  },
  {
    code: 'DE',
    continent: 'EU',
    share: 14,
    utcOffsetHours: 1,
    desktopShare: 0.5,
    acceptLanguage: 'de-DE,de;q=0.9,en;q=0.6',
    cities: [
      ['Berlin', 'Berlin'],
      ['Hamburg', 'Hamburg'],
      ['Munich', 'Bavaria'],
      ['Cologne', 'North Rhine-Westphalia'],
      ['Frankfurt am Main', 'Hesse'],
      ['Leipzig', 'Saxony'],
    ],
    networks: [
      [3320, 'Deutsche Telekom AG'],
      [3209, 'Vodafone GmbH'],
      [6805, 'Telefonica Germany GmbH & Co.OHG'],
      [8881, '1&1 Versatel GmbH'],
    ],
  },
  {
    code: 'GB',
    continent: 'EU',
    share: 9,
    utcOffsetHours: 0,
    desktopShare: 0.45,
    acceptLanguage: 'en-GB,en;q=0.9',
    cities: [
      ['London', 'England'],
      ['Manchester', 'England'],
      ['Bristol', 'England'],
      ['Edinburgh', 'Scotland'],
      ['Leeds', 'England'],
    ],
    networks: [
      [2856, 'British Telecommunications PLC'],
      [5089, 'Virgin Media Limited'],
      [5607, 'Sky UK Limited'],
      [12576, 'EE Limited'],
    ],
  },
  {
    code: 'IN',
    continent: 'AS',
    share: 7.5,
    utcOffsetHours: 5.5,
    desktopShare: 0.22,
    acceptLanguage: 'en-IN,en;q=0.9,hi;q=0.7',
    cities: [
      ['Bengaluru', 'Karnataka'],
      ['Mumbai', 'Maharashtra'],
      ['Delhi', 'Delhi'],
      ['Hyderabad', 'Telangana'],
      ['Chennai', 'Tamil Nadu'],
    ],
    networks: [
      [55836, 'Reliance Jio Infocomm Limited'],
      [24560, 'Bharti Airtel Ltd.'],
      [9829, 'National Internet Backbone'],
    ],
  },
  {
    code: 'FR',
    continent: 'EU',
    share: 5.5,
    utcOffsetHours: 1,
    desktopShare: 0.46,
    acceptLanguage: 'fr-FR,fr;q=0.9,en;q=0.5',
    cities: [
      ['Paris', 'Île-de-France'],
      ['Lyon', 'Auvergne-Rhône-Alpes'],
      ['Toulouse', 'Occitanie'],
      ['Nantes', 'Pays de la Loire'],
    ],
    networks: [
      [3215, 'Orange S.A.'],
      [12322, 'Free SAS'],
      [15557, 'Societe Francaise Du Radiotelephone - SFR SA'],
      [5410, 'Bouygues Telecom SA'],
    ],
  },
  {
    code: 'BR',
    continent: 'SA',
    share: 5,
    utcOffsetHours: -3,
    desktopShare: 0.3,
    acceptLanguage: 'pt-BR,pt;q=0.9,en;q=0.6',
    cities: [
      ['São Paulo', 'São Paulo'],
      ['Rio de Janeiro', 'Rio de Janeiro'],
      ['Belo Horizonte', 'Minas Gerais'],
      ['Curitiba', 'Paraná'],
    ],
    networks: [
      [28573, 'Claro NXT Telecomunicacoes Ltda'],
      [27699, 'TELEFÔNICA BRASIL S.A'],
      [26615, 'TIM S/A'],
    ],
  },
  {
    code: 'CA',
    continent: 'NA',
    share: 4,
    utcOffsetHours: -5,
    desktopShare: 0.49,
    acceptLanguage: 'en-CA,en;q=0.9,fr-CA;q=0.5',
    cities: [
      ['Toronto', 'Ontario'],
      ['Montreal', 'Quebec'],
      ['Vancouver', 'British Columbia'],
      ['Calgary', 'Alberta'],
    ],
    networks: [
      [812, 'Rogers Communications Canada Inc.'],
      [577, 'Bell Canada'],
      [852, 'TELUS Communications Inc.'],
    ],
  },
  {
    code: 'NL',
    continent: 'EU',
    share: 3.6,
    utcOffsetHours: 1,
    desktopShare: 0.52,
    acceptLanguage: 'nl-NL,nl;q=0.9,en;q=0.7',
    cities: [
      ['Amsterdam', 'North Holland'],
      ['Rotterdam', 'South Holland'],
      ['Utrecht', 'Utrecht'],
      ['Eindhoven', 'North Brabant'],
    ],
    networks: [
      [1136, 'KPN B.V.'],
      [33915, 'Vodafone Libertel B.V.'],
      [50266, 'Odido Netherlands B.V.'],
    ],
  },
  {
    code: 'JP',
    continent: 'AS',
    share: 3.4,
    utcOffsetHours: 9,
    desktopShare: 0.5,
    acceptLanguage: 'ja,en-US;q=0.7,en;q=0.5',
    cities: [
      ['Tokyo', 'Tokyo'],
      ['Osaka', 'Osaka'],
      ['Nagoya', 'Aichi'],
      ['Fukuoka', 'Fukuoka'],
    ],
    networks: [
      [4713, 'NTT DOCOMO BUSINESS,Inc.'],
      [2516, 'KDDI CORPORATION'],
      [17676, 'SoftBank Corp.'],
    ],
  },
  {
    code: 'AU',
    continent: 'OC',
    share: 2.8,
    utcOffsetHours: 10,
    desktopShare: 0.48,
    acceptLanguage: 'en-AU,en;q=0.9',
    cities: [
      ['Sydney', 'New South Wales'],
      ['Melbourne', 'Victoria'],
      ['Brisbane', 'Queensland'],
      ['Perth', 'Western Australia'],
    ],
    networks: [
      [1221, 'Telstra Limited'],
      [7545, 'TPG Telecom Limited'],
      [4804, 'Microplex PTY LTD'],
    ],
  },
  {
    code: 'ES',
    continent: 'EU',
    share: 2.7,
    utcOffsetHours: 1,
    desktopShare: 0.38,
    acceptLanguage: 'es-ES,es;q=0.9,en;q=0.5',
    cities: [
      ['Madrid', 'Madrid'],
      ['Barcelona', 'Catalonia'],
      ['Valencia', 'Valencia'],
      ['Seville', 'Andalusia'],
    ],
    networks: [
      [3352, 'TELEFONICA DE ESPANA S.A.U.'],
      [12479, 'Orange Espagne SA'],
      [12430, 'VODAFONE ESPANA S.A.U.'],
    ],
  },
  {
    code: 'IT',
    continent: 'EU',
    share: 2.5,
    utcOffsetHours: 1,
    desktopShare: 0.4,
    acceptLanguage: 'it-IT,it;q=0.9,en;q=0.5',
    cities: [
      ['Milan', 'Lombardy'],
      ['Rome', 'Latium'],
      ['Turin', 'Piedmont'],
      ['Bologna', 'Emilia-Romagna'],
    ],
    networks: [
      [3269, 'Telecom Italia S.p.A.'],
      [30722, 'Vodafone Italia S.p.A.'],
      [1267, 'WIND TRE S.P.A.'],
    ],
  },
  {
    code: 'PL',
    continent: 'EU',
    share: 2.3,
    utcOffsetHours: 1,
    desktopShare: 0.42,
    acceptLanguage: 'pl-PL,pl;q=0.9,en;q=0.6',
    cities: [
      ['Warsaw', 'Mazovia'],
      ['Krakow', 'Lesser Poland'],
      ['Wroclaw', 'Lower Silesia'],
    ],
    networks: [
      [5617, 'Orange Polska Spolka Akcyjna'],
      [12912, 'T-Mobile Polska S.A.'],
    ],
  },
  {
    code: 'SE',
    continent: 'EU',
    share: 1.9,
    utcOffsetHours: 1,
    desktopShare: 0.51,
    acceptLanguage: 'sv-SE,sv;q=0.9,en;q=0.8',
    cities: [
      ['Stockholm', 'Stockholm County'],
      ['Gothenburg', 'Västra Götaland County'],
      ['Malmo', 'Skåne County'],
    ],
    networks: [
      [3301, 'Telia Company AB'],
      [1257, 'Tele2 Sverige AB'],
      [39651, 'Com Hem AB'],
    ],
  },
  {
    code: 'CH',
    continent: 'EU',
    share: 1.8,
    utcOffsetHours: 1,
    desktopShare: 0.54,
    acceptLanguage: 'de-CH,de;q=0.9,en;q=0.7,fr;q=0.5',
    cities: [
      ['Zurich', 'Zurich'],
      ['Geneva', 'Geneva'],
      ['Bern', 'Bern'],
    ],
    networks: [
      [3303, 'Swisscom (Schweiz) AG'],
      [6730, 'Sunrise GmbH'],
    ],
  },
  {
    code: 'AT',
    continent: 'EU',
    share: 1.6,
    utcOffsetHours: 1,
    desktopShare: 0.48,
    acceptLanguage: 'de-AT,de;q=0.9,en;q=0.6',
    cities: [
      ['Vienna', 'Vienna'],
      ['Graz', 'Styria'],
      ['Linz', 'Upper Austria'],
    ],
    networks: [
      [8447, 'A1 Telekom Austria AG'],
      [8412, 'T-Mobile Austria GmbH'],
    ],
  },
  {
    code: 'MX',
    continent: 'NA',
    share: 1.6,
    utcOffsetHours: -6,
    desktopShare: 0.27,
    acceptLanguage: 'es-MX,es;q=0.9,en;q=0.5',
    cities: [
      ['Mexico City', 'Mexico City'],
      ['Guadalajara', 'Jalisco'],
      ['Monterrey', 'Nuevo León'],
    ],
    networks: [
      [8151, 'UNINET'],
      [28403, 'RadioMovil Dipsa, S.A. de C.V.'],
    ],
  },
  {
    code: 'KR',
    continent: 'AS',
    share: 1.4,
    utcOffsetHours: 9,
    desktopShare: 0.45,
    acceptLanguage: 'ko-KR,ko;q=0.9,en;q=0.5',
    cities: [
      ['Seoul', 'Seoul'],
      ['Busan', 'Busan'],
    ],
    networks: [
      [4766, 'Korea Telecom'],
      [9318, 'SK Broadband Co Ltd'],
    ],
  },
  {
    code: 'ID',
    continent: 'AS',
    share: 1.4,
    utcOffsetHours: 7,
    desktopShare: 0.2,
    acceptLanguage: 'id-ID,id;q=0.9,en;q=0.6',
    cities: [
      ['Jakarta', 'Jakarta'],
      ['Surabaya', 'East Java'],
      ['Bandung', 'West Java'],
    ],
    networks: [
      [7713, 'PT Telekomunikasi Indonesia'],
      [23693, 'PT. Telekomunikasi Selular'],
    ],
  },
  {
    code: 'ZA',
    continent: 'AF',
    share: 1.2,
    utcOffsetHours: 2,
    desktopShare: 0.3,
    acceptLanguage: 'en-ZA,en;q=0.9,af;q=0.4',
    cities: [
      ['Johannesburg', 'Gauteng'],
      ['Cape Town', 'Western Cape'],
      ['Durban', 'KwaZulu-Natal'],
    ],
    networks: [
      [3741, 'Dimension Data'],
      [37457, 'Telkom SA Ltd.'],
    ],
  },
  {
    code: 'NG',
    continent: 'AF',
    share: 1.1,
    utcOffsetHours: 1,
    desktopShare: 0.16,
    acceptLanguage: 'en-NG,en;q=0.9',
    cities: [
      ['Lagos', 'Lagos'],
      ['Abuja', 'Federal Capital Territory'],
    ],
    networks: [
      [29465, 'MTN NIGERIA Communication limited'],
      [36873, 'Airtel Networks Limited'],
    ],
  },
  {
    code: 'KE',
    continent: 'AF',
    share: 0.7,
    utcOffsetHours: 3,
    desktopShare: 0.2,
    acceptLanguage: 'en-KE,en;q=0.9,sw;q=0.7',
    cities: [['Nairobi', 'Nairobi County']],
    networks: [[33771, 'Safaricom Limited']],
  },
  {
    code: 'EG',
    continent: 'AF',
    share: 0.7,
    utcOffsetHours: 2,
    desktopShare: 0.28,
    acceptLanguage: 'ar-EG,ar;q=0.9,en;q=0.6',
    cities: [
      ['Cairo', 'Cairo Governorate'],
      ['Alexandria', 'Alexandria'],
    ],
    networks: [[8452, 'TE Data']],
  },
  {
    code: 'TR',
    continent: 'AS',
    share: 1.1,
    utcOffsetHours: 3,
    desktopShare: 0.3,
    acceptLanguage: 'tr-TR,tr;q=0.9,en;q=0.5',
    cities: [
      ['Istanbul', 'Istanbul'],
      ['Ankara', 'Ankara'],
    ],
    networks: [[9121, 'Turk Telekomunikasyon Anonim Sirketi']],
  },
  {
    code: 'UA',
    continent: 'EU',
    share: 0.9,
    utcOffsetHours: 2,
    desktopShare: 0.45,
    acceptLanguage: 'uk-UA,uk;q=0.9,en;q=0.6',
    cities: [
      ['Kyiv', 'Kyiv City'],
      ['Lviv', 'Lviv'],
    ],
    networks: [
      [15895, 'Kyivstar PJSC'],
      [13188, 'CONTENT DELIVERY NETWORK LTD'],
    ],
  },
  {
    code: 'RO',
    continent: 'EU',
    share: 0.9,
    utcOffsetHours: 2,
    desktopShare: 0.43,
    acceptLanguage: 'ro-RO,ro;q=0.9,en;q=0.7',
    cities: [
      ['Bucharest', 'București'],
      ['Cluj-Napoca', 'Cluj County'],
    ],
    networks: [[8708, 'Digi Romania S.A.']],
  },
  {
    code: 'CZ',
    continent: 'EU',
    share: 0.9,
    utcOffsetHours: 1,
    desktopShare: 0.5,
    acceptLanguage: 'cs-CZ,cs;q=0.9,en;q=0.6',
    cities: [
      ['Prague', 'Prague'],
      ['Brno', 'South Moravian'],
    ],
    networks: [[5610, 'O2 Czech Republic, a.s.']],
  },
  {
    code: 'DK',
    continent: 'EU',
    share: 0.9,
    utcOffsetHours: 1,
    desktopShare: 0.53,
    acceptLanguage: 'da-DK,da;q=0.9,en;q=0.8',
    cities: [
      ['Copenhagen', 'Capital Region'],
      ['Aarhus', 'Central Jutland'],
    ],
    networks: [[3292, 'TDC Holding A/S']],
  },
  {
    code: 'NO',
    continent: 'EU',
    share: 0.8,
    utcOffsetHours: 1,
    desktopShare: 0.52,
    acceptLanguage: 'nb-NO,nb;q=0.9,en;q=0.8',
    cities: [
      ['Oslo', 'Oslo County'],
      ['Bergen', 'Vestland'],
    ],
    networks: [[2119, 'Telenor Norge AS']],
  },
  {
    code: 'FI',
    continent: 'EU',
    share: 0.8,
    utcOffsetHours: 2,
    desktopShare: 0.5,
    acceptLanguage: 'fi-FI,fi;q=0.9,en;q=0.8',
    cities: [
      ['Helsinki', 'Uusimaa'],
      ['Tampere', 'Pirkanmaa'],
    ],
    networks: [
      [719, 'Elisa Oyj'],
      [1759, 'Telia Finland Oyj'],
    ],
  },
  {
    code: 'IE',
    continent: 'EU',
    share: 0.8,
    utcOffsetHours: 0,
    desktopShare: 0.44,
    acceptLanguage: 'en-IE,en;q=0.9',
    cities: [
      ['Dublin', 'Leinster'],
      ['Cork', 'Munster'],
    ],
    networks: [[6830, 'Liberty Global B.V.']],
  },
  {
    code: 'PT',
    continent: 'EU',
    share: 0.8,
    utcOffsetHours: 0,
    desktopShare: 0.4,
    acceptLanguage: 'pt-PT,pt;q=0.9,en;q=0.6',
    cities: [
      ['Lisbon', 'Lisbon'],
      ['Porto', 'Porto'],
    ],
    networks: [[3243, 'Servicos De Comunicacoes E Multimedia S.A.']],
  },
  {
    code: 'BE',
    continent: 'EU',
    share: 0.9,
    utcOffsetHours: 1,
    desktopShare: 0.49,
    acceptLanguage: 'nl-BE,nl;q=0.9,fr;q=0.7,en;q=0.6',
    cities: [
      ['Brussels', 'Brussels Capital'],
      ['Antwerp', 'Flanders'],
    ],
    networks: [
      [5432, 'Proximus NV'],
      [6848, 'Telenet BV'],
    ],
  },
  {
    code: 'SG',
    continent: 'AS',
    share: 1,
    utcOffsetHours: 8,
    desktopShare: 0.46,
    acceptLanguage: 'en-SG,en;q=0.9,zh;q=0.5',
    cities: [['Singapore', '']],
    networks: [
      [9506, 'Singtel Fibre Broadband'],
      [4773, 'MobileOne Ltd.'],
    ],
  },
  {
    code: 'PH',
    continent: 'AS',
    share: 0.8,
    utcOffsetHours: 8,
    desktopShare: 0.22,
    acceptLanguage: 'en-PH,en;q=0.9,fil;q=0.7',
    cities: [
      ['Manila', 'Metro Manila'],
      ['Cebu City', 'Central Visayas'],
    ],
    networks: [[9299, 'Philippine Long Distance Telephone Company']],
  },
  {
    code: 'VN',
    continent: 'AS',
    share: 0.8,
    utcOffsetHours: 7,
    desktopShare: 0.3,
    acceptLanguage: 'vi-VN,vi;q=0.9,en;q=0.5',
    cities: [
      ['Ho Chi Minh City', 'Ho Chi Minh'],
      ['Hanoi', 'Hanoi'],
    ],
    networks: [
      [45899, 'VNPT Corp'],
      [7552, 'Viettel Group'],
    ],
  },
  {
    code: 'TW',
    continent: 'AS',
    share: 0.8,
    utcOffsetHours: 8,
    desktopShare: 0.45,
    acceptLanguage: 'zh-TW,zh;q=0.9,en;q=0.6',
    cities: [['Taipei', 'Taipei City']],
    networks: [[3462, 'Chunghwa Telecom Co., Ltd.']],
  },
  {
    code: 'AE',
    continent: 'AS',
    share: 0.7,
    utcOffsetHours: 4,
    desktopShare: 0.33,
    acceptLanguage: 'en-AE,en;q=0.9,ar;q=0.8',
    cities: [
      ['Dubai', 'Dubai'],
      ['Abu Dhabi', 'Abu Dhabi'],
    ],
    networks: [[5384, 'EMIRATES TELECOMMUNICATIONS GROUP COMPANY (ETISALAT GROUP) PJSC']],
  },
  {
    code: 'IL',
    continent: 'AS',
    share: 0.6,
    utcOffsetHours: 2,
    desktopShare: 0.44,
    acceptLanguage: 'he-IL,he;q=0.9,en;q=0.7',
    cities: [['Tel Aviv', 'Tel Aviv']],
    networks: [[8551, 'Bezeq International Ltd.']],
  },
  {
    code: 'AR',
    continent: 'SA',
    share: 1,
    utcOffsetHours: -3,
    desktopShare: 0.31,
    acceptLanguage: 'es-AR,es;q=0.9,en;q=0.5',
    cities: [
      ['Buenos Aires', 'Buenos Aires F.D.'],
      ['Córdoba', 'Cordoba'],
    ],
    networks: [
      [7303, 'Telecom Argentina S.A.'],
      [22927, 'Telefonica de Argentina'],
    ],
  },
  {
    code: 'CL',
    continent: 'SA',
    share: 0.6,
    utcOffsetHours: -4,
    desktopShare: 0.35,
    acceptLanguage: 'es-CL,es;q=0.9,en;q=0.5',
    cities: [['Santiago', 'Santiago Metropolitan']],
    networks: [[7418, 'TELEFÓNICA CHILE S.A.']],
  },
  {
    code: 'CO',
    continent: 'SA',
    share: 0.7,
    utcOffsetHours: -5,
    desktopShare: 0.32,
    acceptLanguage: 'es-CO,es;q=0.9,en;q=0.5',
    cities: [
      ['Bogotá', 'Bogota D.C.'],
      ['Medellín', 'Antioquia'],
    ],
    networks: [[10620, 'Telmex Colombia S.A.']],
  },
  {
    code: 'NZ',
    continent: 'OC',
    share: 0.6,
    utcOffsetHours: 12,
    desktopShare: 0.49,
    acceptLanguage: 'en-NZ,en;q=0.9',
    cities: [
      ['Auckland', 'Auckland'],
      ['Wellington', 'Wellington'],
    ],
    networks: [[4771, 'Spark New Zealand Trading Ltd']],
  },
]

/** A network that programs, or people behind a VPN, come from. */
export interface DemoHost {
  readonly asn: number
  readonly organization: string
  readonly country: string
  readonly continent: DemoCountry['continent']
  readonly network: 'hosting' | 'vpn'
}

/** Where programs come from: crawlers, previews of messengers, monitoring. */
export const DEMO_DATA_CENTRES: readonly DemoHost[] = [
  { asn: 15_169, organization: 'Google LLC', country: 'US', continent: 'NA', network: 'hosting' },
  { asn: 8_075, organization: 'Microsoft Corporation', country: 'US', continent: 'NA', network: 'hosting' },
  { asn: 32_934, organization: 'Facebook, Inc.', country: 'US', continent: 'NA', network: 'hosting' },
  { asn: 16_509, organization: 'Amazon.com, Inc.', country: 'US', continent: 'NA', network: 'hosting' },
  { asn: 24_940, organization: 'Hetzner Online GmbH', country: 'DE', continent: 'EU', network: 'hosting' },
  { asn: 16_276, organization: 'OVH SAS', country: 'FR', continent: 'EU', network: 'hosting' },
  { asn: 14_061, organization: 'DigitalOcean, LLC', country: 'US', continent: 'NA', network: 'hosting' },
]

/** Where people behind a VPN seem to be. */
export const DEMO_VPNS: readonly DemoHost[] = [
  { asn: 9_009, organization: 'M247 Europe SRL', country: 'RO', continent: 'EU', network: 'vpn' },
  { asn: 60_068, organization: 'Datacamp Limited', country: 'GB', continent: 'EU', network: 'vpn' },
]
