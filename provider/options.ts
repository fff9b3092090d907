import type { MagicBlockNote, PersonaNote } from './http/control/ports.ts';
import type { Counts } from './http/metrics.ts';
import type { Clock, Log, Random, Store } from './kernel/ports.ts';
import type { Client } from './oidc/clients.ts';
import type { Relaxation } from './oidc/strictness.ts';
import type { Citizen, Line } from './registry/citizen.ts';
import type { Configured } from './registry/overlay.ts';
import type { RegistryFile } from './registry/registry-file.ts';
import type { JourneyRules } from './steps/rules.ts';
import type { CertificateAuthority } from './tls/certificate-authority.ts';

/** What an instance of Emta is made of. Everything has a default but the issuer. */
export interface EmtaOptions {
  /** Issuer identifier, without a slash at its end. */
  readonly issuer: string;
  readonly clients?: readonly Client[];
  /** People and lines above the population, the personas among them. */
  readonly citizens?: readonly Citizen[];
  readonly lines?: readonly Line[];
  /** People and lines of a configuration file, above those. */
  readonly configured?: Configured;
  readonly personas?: readonly PersonaNote[];
  /** Blocks of numbers that lead to a known outcome; their people and lines stand among the others. */
  readonly magicBlocks?: readonly MagicBlockNote[];
  readonly rules?: Partial<JourneyRules>;
  /** Checks that are off for all clients. */
  readonly relax?: readonly Relaxation[];
  /** The same seed makes the same people everywhere. Default `emta`. */
  readonly seed?: string;
  /** How many people the population has. Default 90,000,000. */
  readonly population?: number;
  /** National codes and numbers that belong to nobody; strict validators refuse them. */
  readonly safeNumbers?: boolean;
  readonly claimsInIdToken?: boolean;
  readonly dynamicRegistration?: boolean;
  readonly rememberLogin?: boolean;
  readonly rememberConsent?: boolean;
  /** Needed by the control interface where the server listens beyond loopback. */
  readonly controlToken?: string;
  /** Takes every client_id with any redirect URI and secret. */
  readonly anyClient?: boolean;
  /** Shows the short cuts for developers below the pages. Default true. */
  readonly helperStrip?: boolean;
  /** Where added people, lines and clients are kept; default: in memory. */
  readonly registryFile?: RegistryFile;
  /** What other processes on the same port have counted, for the metrics. */
  readonly otherCounts?: () => Promise<readonly Counts[]>;
  readonly store?: Store;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Where trouble is told; default: nowhere. */
  readonly log?: Log;
}

/** What an Emta that listens is made of. */
export interface ListenOptions extends Omit<EmtaOptions, 'issuer'> {
  /** TCP port; 0 takes a free one. Default 4299. */
  readonly port?: number;
  /** Address to bind to. Default: loopback. */
  readonly host?: string;
  /** Default: `http://localhost:` and the port. */
  readonly issuer?: string;
  /** Serves TLS with certificates of this authority. */
  readonly authority?: CertificateAuthority;
}
