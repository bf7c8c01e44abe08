// Prints where the files of the package are that have names of their own.
const paths = ['dashboards/dynoai-dashboard.json', 'rules/alerts.yml']
  .map(name => require.resolve(`dynoai-metrics/${name}`).replaceAll('\\', '/'))
const { uid } = require('dynoai-metrics/dashboards/dynoai-dashboard.json')
console.log(JSON.stringify({ paths: paths.map(path => path.split('/node_modules/dynoai-metrics')[1]), uid }))
