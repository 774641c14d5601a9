/** Times, sizes, tables and templates as they are printed. */
import test from 'ava'
import { formatRows } from '../../../../cli/output/rows.ts'
import { formatSize } from '../../../../cli/output/size.ts'
import { formatTable } from '../../../../cli/output/table.ts'
import { formatTemplate } from '../../../../cli/output/template.ts'
import { dockerTime, formatDuration, formatTime } from '../../../../cli/output/time.ts'

for (const [seconds, text] of [
  [-5, 'Less than a second'], [0.9, 'Less than a second'], [1, '1 second'], [59, '59 seconds'], [60, 'About a minute'], [119, 'About a minute'],
  [120, '2 minutes'], [3599, '59 minutes'], [3600, 'About an hour'], [7200, '2 hours'], [86_400, '1 day'], [604_800, '1 week'],
  [2_592_000, '1 month'], [63_072_000, '2 years'],
] as const) {
  test(`${seconds} seconds are ${text}`, t => {
    t.is(formatDuration(seconds * 1000), text)
  })
}

test('the time of a log entry keeps its nanoseconds', t => {
  t.is(formatTime(1_769_860_800_000_000_007n), '2026-01-31T12:00:00.000000007Z')
})

test('the time of a list is as Go prints it', t => {
  t.is(dockerTime('2026-01-31T12:00:00.120000000Z'), '2026-01-31 12:00:00.12 +0000 UTC')
  t.is(dockerTime('1970-01-01T00:00:00.000000000Z'), '1970-01-01 00:00:00 +0000 UTC')
  t.is(dockerTime('2026-01-31T12:00:00Z'), '2026-01-31 12:00:00 +0000 UTC')
})

for (const [bytes, text] of [[0, '0B'], [999, '999B'], [1000, '1kB'], [1_980_000, '1.98MB'], [12_345_678, '12.3MB'], [4_260_000_000, '4.26GB']] as const) {
  test(`${bytes} bytes are ${text}`, t => {
    t.is(formatSize(bytes), text)
  })
}

test('a table is as wide as its widest cells, no column narrower than Docker\'s, and no line ends in spaces', t => {
  t.deepEqual(formatTable(['ID', 'NAME', 'X'], [['1', 'a long name', ''], ['22', 'b', 'c']]), [
    'ID        NAME          X',
    '1         a long name',
    '22        b             c',
  ])
})

const document = { Name: 'web', State: { Pid: 7, Running: true }, Ports: { '80/tcp': null }, Labels: { 'a.b': 'c' }, None: [], Nested: [[{ A: 1 }, { A: 2 }], [{ A: 3 }]] }
for (const [template, text] of [
  ['{{.Name}}', 'web'], ['{{ .State.Pid }} {{.State.Running}}', '7 true'], ['{{json .State}}', '{"Pid":7,"Running":true}'], ['{{json .Name}}', '"web"'],
  ['{{.State}}', '{"Pid":7,"Running":true}'], ['{{index .Labels "a.b"}}', 'c'], ['{{json (index .Ports "80/tcp")}}', 'null'],
  ['{{range .Labels}}<{{.}}>{{end}}', '<c>'], ['{{range .State}}{{json .}} {{end}}!', '7 true !'],
  ['{{range .None}}x{{else}}no {{.Name}}{{end}}', 'no web'], ['{{if .State.Running}}up{{else}}down{{end}}', 'up'], ['{{if .None}}x{{end}}', ''],
  ['{{range .Nested}}{{range .}}{{.A}},{{end}};{{end}}', '1,2,;3,;'],
  ['{{(index .Labels "a.b")}}', 'c'], ['{{(index (index .Nested 0) 1).A}}{{(index .Nested 0 1).A}}', '22'], ['{{len .Nested}}{{len .Name}}{{len .None}}', '230'],
  ['{{range $k, $v := .State}}{{$k}}={{json $v}} {{end}}', 'Pid=7 Running=true '], ['{{range $v := .Nested}}{{(index $v 0).A}}{{$.Name}}{{end}}', '1web3web'],
  ['{{range $p, $at := .Nested}}{{range $at}}{{$p}}{{.A}} {{end}}{{end}}{{$.State.Pid}}', '01 02 13 7'],
  ['{{if (index .Nested 0)}}{{json (len .State)}}{{end}}', '2'], ['{{range (index .Nested 1)}}{{.A}}{{end}}', '3'],
  ['{{if eq .Name "db" "web"}}yes{{end}}{{if ne .State.Pid 7}}no{{end}}', 'yes'], ['{{if and .None .Name}}a{{else}}b{{end}}{{if or .None .Name}}c{{end}}{{not .None}}', 'bctrue'],
  ['{{join .Labels ","}} {{join (split .Name "e") "-"}}', 'c w-b'], ['{{.Name | upper | json}}', '"WEB"'],
  ['{{range .Labels}}{{println .}}{{end}}{{println "a" .State.Pid}}', 'c\na 7\n'], ['{{with .State}}{{.Pid}}{{$.Name}}{{end}}{{with .None}}x{{else}}-{{end}}', '7web-'],
  ['{{printf "%-5s|%3d|%q|%%" .Name .State.Pid .Name}}{{printf "%v" .State.Running}}', 'web  |  7|"web"|%true'], ['{{.Name | printf "<%s>"}}', '<web>'],
  ['{{eq .State.Running true}}{{.State.Pid | eq 7}}{{(index .Labels "a.b" | upper)}}', 'truetrueC'],
  ['a\\tb\\n', 'a\tb\n'], ['json', JSON.stringify(document)], ['{{json .}}', JSON.stringify(document)], ['plain', 'plain'],
] as const) {
  test(`--format '${template}'`, t => {
    t.is(formatTemplate(template, document), text)
  })
}

for (const [template, message] of [
  ['{{.Nmae}}', '--format "{{.Nmae}}": there is no field "Nmae"'],
  ['{{.Name.X}}', '--format "{{.Name.X}}": there is no field "X"'],
  ['{{.toString}}', '--format "{{.toString}}": there is no field "toString"'],
  ['{{.Name | title}}', '--format: "{{.Name | title}}" is not understood; there are {{.Field.Sub}}, {{index .Field "key"}}, {{range .Field}}…{{end}}, {{if .Field}}…{{end}}, {{with .Field}}…{{end}} and the functions json, len, eq, ne, and, or, not, join, split, lower, upper, printf, println'],
  ...['{{index .Labels}}', '{{title .Name}}', '{{upper}}', '{{eq .Name}}', '{{.Name | "x"}}', '{{.Name |}}', '{{join .Labels}}', '{{$x}}', '{{.Name .State}}', '{{(.Name}}', '{{.Name)}}', '{{len}}', '{{}}'].map(template =>
    [template, `--format: "${template}" is not understood; there are {{.Field.Sub}}, {{index .Field "key"}}, {{range .Field}}…{{end}}, {{if .Field}}…{{end}}, {{with .Field}}…{{end}} and the functions json, len, eq, ne, and, or, not, join, split, lower, upper, printf, println`] as const),
  ['{{index .Nested 9}}', '--format "{{index .Nested 9}}": there is no field "9"'],
  ['{{.Name', '--format "{{.Name": a "{{" is not closed'], ['a{{.Name}', '--format "a{{.Name}": a "{{" is not closed'],
  ['{{range .Ports}}x', '--format "{{range .Ports}}x": {{range .Ports}} has no {{end}}'], ['x{{end}}', '--format "x{{end}}": {{end}} has no beginning'],
] as const) {
  test(`--format '${template}' is refused`, t => {
    t.throws(() => formatTemplate(template, document), { code: 'invalid-argument', message })
  })
}

const rows = [{ ID: '1', Name: 'web', RunningFor: '3 hours ago' }, { ID: '22', Name: 'db', RunningFor: 'now' }]
const columns = { 'CONTAINER ID': 'ID', NAMES: 'Name' }
for (const [format, lines] of [
  [undefined, ['CONTAINER ID   NAMES', '1              web', '22             db']],
  ['table', ['CONTAINER ID   NAMES', '1              web', '22             db']],
  ['table {{.Name}}\\t{{.ID}}', ['NAMES     CONTAINER ID', 'web       1', 'db        22']],
  ['table {{.RunningFor}}', ['RUNNING FOR', '3 hours ago', 'now']],
  ['{{.Name}}', ['web', 'db']], ['json', rows.map(row => JSON.stringify(row))],
] as const) {
  test(`a list with --format '${String(format)}'`, t => { t.deepEqual(formatRows(format, rows, columns), lines) })
}

test('a template that is not understood is refused also where there is nothing to list', t => {
  t.throws(() => formatRows('{{.Name', [], columns), { code: 'invalid-argument' })
})
