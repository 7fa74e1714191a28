/** The order is part of the wire's format. What a target's volume, or the rights of its service, keep from being carried, though the source has it and it was sent. */
export const losses = [
  'owner',
  'user-attributes',
  'trusted-attributes',
  'security-attributes',
  'acl',
  'attribute-space',
] as const;
export type Loss = (typeof losses)[number];
