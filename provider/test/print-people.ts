import { createPopulation } from '../registry/population.ts';

const population = createPopulation();
const people = [0, 1, 2, 44_444_444, population.size - 1].map((index) => population.at(index));
process.stdout.write(
  JSON.stringify(people.map((person) => ({ person, lines: population.linesOf(person.nationalCode) }))),
);
