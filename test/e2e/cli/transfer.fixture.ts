/**
 * A bounded transfer over TCP: `transfer.fixture.ts sink PORT` says `listening`, reads until the other side has said all and answers with how many
 * bytes came; `transfer.fixture.ts source ADDRESS PORT BYTES` sends so many and prints how many milliseconds it took until the answer.
 */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

const [role, ...words] = process.argv.slice(2)

if (role === 'sink') {
  const server = createServer({ allowHalfOpen: true }, socket => {
    let bytes = 0
    socket.on('data', chunk => { bytes += chunk.length })
    socket.on('end', () => socket.end(String(bytes)))
    server.close()
  })
  server.listen(Number(words[0]), '0.0.0.0', () => console.log('listening'))
} else {
  const [address = '', port = '', count = ''] = words
  const socket = connect({ host: address, port: Number(port), allowHalfOpen: true })
  await once(socket, 'connect')
  const start = performance.now()
  const chunk = Buffer.alloc(64 * 1024)
  for (let left = Number(count); left > 0; left -= chunk.length) {
    if (!socket.write(chunk.subarray(0, Math.min(left, chunk.length)))) await once(socket, 'drain')
  }
  socket.end()
  const answer = (await once(socket, 'data')).join('')
  if (answer !== count) throw new Error(`${answer} bytes came of ${count}`)
  console.log(Math.round(performance.now() - start))
}
