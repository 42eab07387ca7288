/** The script of the breakdown's worker: ../build-site.ts puts it in this file's place. */
export const workerText: string = "";
