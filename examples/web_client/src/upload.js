/**
 * `FileUpload`, a component of an app's own catalog: a page that names such a catalog registers an
 * element for it. A file goes to the host, which answers with the handle that stands for it.
 */

import { html } from 'lit';
import { Root, componentRegistry } from '@a2ui/lit/ui';

/**
 * @param {(file: File, at: {surfaceId: string, path: string}) => Promise<string>} store keeps a file
 *   and gives its handle
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
        const at = { surfaceId: this.surfaceId, path: this.value.path };
        const handle = file ? await store(file, at) : '';
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
