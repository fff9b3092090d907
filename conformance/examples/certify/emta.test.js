import { certifyRelyingParty } from 'emta-mock/jest';

// One Jest test per requirement. `only` keeps this example short; leave it out to certify.
certifyRelyingParty(process.env.EMTA_RP_FILE ?? './emta-rp.json', {
  only: ['A01', 'A02', 'C01', 'D01'],
});
