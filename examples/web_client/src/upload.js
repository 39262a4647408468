/**
 * `FileUpload`, a component of an app's own catalog: a page that names such a catalog registers an
 * element for it. A file goes to the host, which answers with the handle that stands for it.
 */

import { html } from 'lit';
import { Root, componentRegistry } from '@a2ui/lit/ui';

/** The catalog that has this component: `examples/character_card/catalog.json`. */
export const CATALOG = 'https://character-card.example/a2ui/v0_8/catalog.json';

/**
 * @param {(file: File, field: string) => Promise<string>} store keeps a file for a field, and gives
 *   its handle
 */
export function registerUpload(store) {
  class FileUpload extends Root {
    static properties = {
      label: { attribute: false },
      value: { attribute: false },
      failure: { state: true },
    };

    async #chosen({ target }) {
      const [file] = target.files;
      this.failure = '';
      try {
        const handle = file ? await store(file, fieldOf(this.value.path)) : '';
        this.processor.setData(this.component, this.value.path, handle, this.surfaceId);
      } catch (error) {
        target.value = '';
        this.failure = error.body?.text ?? 'The file could not be kept.';
      }
    }

    render() {
      const held = this.processor.getData(this.component, this.value.path, this.surfaceId);
      return html`<section>
        <label for="data">${this.label?.literalString ?? ''}</label>
        <input id="data" type="file" @change=${event => this.#chosen(event)} />
        <output>${this.failure || held || ''}</output>
      </section>`;
    }
  }
  componentRegistry.register('FileUpload', FileUpload, 'a2ui-fileupload');
}

/** The field that is bound to a path of the draft: `/draft/file/v` is of the field `file`. */
const fieldOf = path => path.split('/').slice(2, -1).join('/');
