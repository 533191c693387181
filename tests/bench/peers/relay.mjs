// Socket.IO's plain broadcast: `node relay.mjs PORT FOLDER`. `room` joins one; `message` goes to the
// others in it; `chunk` does too when its bytes are in a file. Each is acknowledged when it was sent on.
import {writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import {join} from 'node:path'
import {createRequire} from 'node:module'
import {Server} from 'socket.io'

const [port, directory] = process.argv.slice(2)
createRequire(import.meta.url)('bufferutil') // without it ws unmasks in JavaScript, which is slower
const http = createServer()
const io = new Server(http, {maxHttpBufferSize: 1e8, perMessageDeflate: false, transports: ['websocket']})
io.on('connection', (socket) => {
  let room
  socket.on('room', (name, answer) => {
    room = name
    socket.join(room)
    answer(true)
  })
  socket.on('message', (data, answer) => {
    socket.to(room).emit('message', data)
    answer(true)
  })
  socket.on('chunk', async (name, bytes, answer) => {
    await writeFile(join(directory, name), bytes)
    socket.to(room).emit('chunk', name, bytes)
    answer(true)
  })
})
http.listen(Number(port), '127.0.0.1', 1024)
