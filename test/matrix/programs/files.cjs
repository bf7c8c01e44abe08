// Prints the paths of the files that the package exports by name.
const paths = ['dashboards/dynoai-dashboard.json', 'rules/alerts.yml']
  .map(name => require.resolve(`dynoai-metrics/${name}`).replaceAll('\\', '/'))
const { uid } = require('dynoai-metrics/dashboards/dynoai-dashboard.json')
console.log(JSON.stringify({ paths: paths.map(path => path.split('/node_modules/dynoai-metrics')[1]), uid }))
