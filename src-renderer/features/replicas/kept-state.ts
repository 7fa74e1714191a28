import type { CertificateSummary } from '../../../src-main/api/index.ts';

/** What a certificate and a snapshot have in common: both are of a state of a replica. */
export type KeptState = Pick<CertificateSummary, 'connectionId' | 'id' | 'setName' | 'sourceName' | 'cut' | 'appliedSequence'>;
