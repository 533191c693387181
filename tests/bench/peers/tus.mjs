// @tus/server with its file store: `node tus.mjs PORT FOLDER`.
import {createServer} from 'node:http'
import {FileStore} from '@tus/file-store'
import {Server} from '@tus/server'

const [port, directory] = process.argv.slice(2)
// The stream of a whole answer is closed twice when its client hangs up: that would end this version's process.
process.on('uncaughtException', (error) => console.error('caught', error.code, error.message))
const server = new Server({path: '/files', datastore: new FileStore({directory})})
createServer((request, response) => server.handle(request, response)).listen(Number(port), '127.0.0.1')
