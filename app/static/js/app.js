/*
 * Everything that a page can do besides links and forms. Every page works without it; each module listens at the
 * document, or looks for its data attributes once, so that pages carry no script of their own.
 */

import "./lists.js"; /*    data-select-all, data-bulk, data-tool; before confirm: no question about no rows */
import "./combobox.js"; /* data-combobox           look-up by typing; before confirm, for the same reason */
import "./confirm.js"; /*  data-confirm            asks before a form is sent */
import "./submit-once.js"; /* every POST form      a second click does nothing */
import "./unsaved.js"; /*  data-warn-unsaved       warns before what was typed is lost */
import "./fields.js"; /*   data-count-limit, data-money, data-date, data-error-summary */
import "./draft.js"; /*    data-draft-url          keeps long texts on the server */
import "./formset.js"; /*  data-formset            rows of a form */
import "./likely.js"; /*   data-likely-url         records that look like the one being typed */
import "./polling.js"; /*  data-poll-url           progress of long work */
import "./live.js"; /*    data-live-url           what the server thinks of what is typed */
