// Puts person after person into a registry file and prints the number of each that was acknowledged, until it is killed.
import { createPopulation } from '../registry/population.ts';
import { openRegistryFile } from '../registry/registry-file.ts';

const [path = '', first = '0'] = process.argv.slice(2);
const population = createPopulation();
const file = await openRegistryFile(path);

for (let index = Number(first); ; index += 1) {
  const citizen = population.at(index);
  await file.put({ citizens: [citizen], lines: population.linesOf(citizen.nationalCode) });
  process.stdout.write(`${index}\n`);
}
