/** Words for photos of the work done and for holds, in English. */
import type { photosZh } from "./photos-zh.ts";
import type { Words } from "./zh.ts";

export const photosEn: Words<typeof photosZh> = {
  photos: {
    take: "Take a photo",
    list: "Photos after the work",
    alt: "Photo after the work {{number}}",
    sending: "Sending {{percent}} %",
    sent: "Sent",
    failed: "Sending broke off; try again.",
    refused: "The photo was not taken.",
    unreadable: "The photo cannot be read.",
    again: "Try again",
    remove: "Remove",
    progress: "How far photo {{number}} is sent",
    wanted: "Take a photo or say what was done; photos must be sent completely.",
    title: "Before and after",
    before: "Before",
    after: "After",
    afterBy: "Sent by {{who}}",
    taken: "Taken",
    round: "Round {{count}}",
    none: "No photo after the work yet.",
    open: "Open in full size",
    deleted: "Deleted by retention on {{date}}",
    damaged: "Picture damaged: its file is missing or has another checksum",
    site: "Photos on site",
    room: "the control room",
  },
  hold: {
    title: "Hold",
    none: "No hold: pictures go when their time is over.",
    until: "Held until",
    by: "Placed by {{who}},",
    place: "Hold…",
    change: "Change the hold…",
    release: "Release the hold…",
    placeHint:
      "No picture of the case is deleted while it is held, three years at most. The reason goes " +
      "into the audit. Closing the case ends the hold.",
    releaseHint:
      "Pictures whose time is over are deleted at the next clean-up. The reason goes into the audit.",
    placed: "The case is held.",
    released: "The hold is released.",
  },
};
