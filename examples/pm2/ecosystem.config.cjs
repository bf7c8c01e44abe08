// PM2 in cluster mode: `pm2 start examples/pm2/ecosystem.config.cjs`, then `pm2 reload dynoai` for a new version.
//
// The service needs no other code than alone: in cluster mode, one scrape answers for all processes of an application.
'use strict'

const { join } = require('node:path')

module.exports = {
  apps: [{
    // The name, the namespace and the script say which processes belong together. Renaming the application starts its
    // counters from 0.
    name: 'dynoai',
    script: join(__dirname, '../../dist/examples/service/main.js'),
    exec_mode: 'cluster',
    instances: 'max',
    // PM2 sends SIGINT, and SIGKILL after this time, by default after 1.6 s. A process that is killed loses its counts
    // of the last second, so give it the time to complete its requests.
    kill_timeout: 10_000,
    env: { PORT: '5001' }
  }]
}
