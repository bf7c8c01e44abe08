import { once } from 'node:events'
import { requestUpgrade } from '../../fixtures/request-upgrade.js'
import { request } from '../traffic.js'
import type { Destination } from '../traffic.js'
import type { Scenario } from '../scenario.js'
import { breakFirst, deployBroken } from './actions.js'
import { burns } from './burns.js'
import { SLOW_START } from './presence.js'

/** Opens an upgrade and holds it until the run ends. */
async function holdUpgrade ({ origin, signal, onResponse }: Destination): Promise<void> {
  const { socket, status } = await requestUpgrade(origin, '/socket')
  onResponse('/socket', status)
  if (status === 101 && !signal.aborted) await once(signal, 'abort')
  socket.destroy()
}

/** Outages that clients see. */
export const requestScenarios: readonly Scenario[] = [
  {
    job: 'all-fail',
    outage: 'every request ends in a 5xx',
    how: 'the handler throws',
    expected: ['DynoaiAvailabilityBudgetBurn 1h'],
    allowed: burns('Availability'),
    isShort: true,
    services: ['fail']
  },
  {
    job: 'some-fail',
    outage: 'one of a hundred requests ends in a 5xx',
    how: 'the handler throws for every hundredth request',
    expected: ['6h', '1d', '3d'].map(window => `DynoaiAvailabilityBudgetBurn ${window}`),
    isShort: false,
    services: ['failSome'],
    traffic: [{ perSecond: 10 }],
    hasNoTwin: true
  },
  {
    job: 'all-slow',
    outage: 'every request takes longer than a second',
    how: 'the handler waits for 1.05 s',
    expected: ['DynoaiSlow', 'DynoaiLatencyBudgetBurn 1h'],
    allowed: burns('Latency'),
    isShort: true,
    services: ['slow'],
    traffic: [{ perSecond: 6 }]
  },
  {
    job: 'some-slow',
    outage: 'one of ten requests takes longer than a second',
    how: 'the handler waits for 1.05 s in every tenth request',
    expected: ['6h', '1d', '3d'].map(window => `DynoaiLatencyBudgetBurn ${window}`),
    isShort: false,
    services: ['slowTenth'],
    traffic: [{ perSecond: 4 }],
    hasNoTwin: true
  },
  {
    job: 'all-refused',
    outage: 'a deployment refuses 19 of 20 requests with a 4xx',
    how: 'the process is replaced by one whose handler answers 401',
    expected: ['DynoaiClientErrors'],
    allowed: { DynoaiDown: SLOW_START },
    isShort: true,
    services: ['refuse'],
    isIsolated: true,
    traffic: [{ perSecond: 15 }],
    act: deployBroken
  },
  {
    job: 'stuck',
    outage: 'no request ends',
    how: 'the handler waits for a promise that never settles',
    expected: ['DynoaiRequestsStuck 5m', 'DynoaiRequestsStuck 15m'],
    allowed: {
      ...burns('Latency'),
      DynoaiSlow: 'clients give up after 5 minutes, and such requests took longer than a second'
    },
    isShort: true,
    services: ['hang'],
    traffic: [{ perSecond: 8, maxOpen: 40 }]
  },
  {
    job: 'upgrades',
    outage: 'upgrades are held open',
    how: '30 WebSocket connections stay open',
    expected: [],
    isShort: true,
    services: ['holdUpgrades'],
    traffic: [{}, { perSecond: 2, maxOpen: 30, send: holdUpgrade }],
    responses: { '/socket 101': 30 },
    hasNoTwin: true
  },
  {
    job: 'event-streams',
    outage: "event streams with `until: 'headers'` are open",
    how: '30 responses never end',
    expected: [],
    isShort: true,
    services: ['streamEvents'],
    traffic: [{}, { perSecond: 2, maxOpen: 30, send: async to => await request(to, '/events') }],
    responses: { '/events 200': 30 },
    hasNoTwin: true
  },
  {
    job: 'one-fails',
    outage: 'one of three instances fails',
    how: 'its handler throws for every third request',
    expected: ['DynoaiInstanceWorse errors', 'DynoaiAvailabilityBudgetBurn 1h'],
    allowed: burns('Availability'),
    isShort: true,
    services: ['failThird'],
    instances: 3,
    traffic: [{ perSecond: 5 }],
    act: breakFirst(1)
  },
  {
    job: 'one-slow',
    outage: 'one of three instances is slow',
    how: 'its handler waits for 1.05 s in every fifth request',
    expected: ['DynoaiInstanceWorse latency'],
    allowed: burns('Latency'),
    isShort: true,
    services: ['slowFifth'],
    instances: 3,
    traffic: [{ perSecond: 6 }],
    act: breakFirst(1),
    hasNoTwin: true
  }
]
