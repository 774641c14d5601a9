/** A program with three kernel calls, for the test of the kill loop. */
import { killingObserver } from './faults.ts'

const observer = killingObserver()
for (const call of ['one', 'two', 'three']) observer(call)
