export { anchorPlaces } from './anchor-places.ts';
export { createAnchoring } from './keep-anchors.ts';
