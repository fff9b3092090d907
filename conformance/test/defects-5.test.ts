import { defectsTurnTheirRowsRed } from './turns-red.ts';

defectsTurnTheirRowsRed(5);
