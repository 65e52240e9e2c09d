/** Descriptions of arguments that many fields have. */
export const described = {
  after: 'Cursor of the last edge of the previous page (pageInfo.endCursor). Absent: the first page.',
  first: 'Number of edges on the page, 1 to 100.',
  reason: 'Reason, 1 to 1000 characters; stored in the audit.',
  recordVersion: 'Version of the record that you have read.',
} as const;
