/**
 * Style attributes without `unsafe-inline`.
 *
 * The renderer's style sheets are constructed, which every policy allows. Its style attributes are
 * not: Lit writes them as text when an element is first drawn. The same text by way of the CSS
 * object model is allowed, since only script that runs already can write it.
 */

const setAttribute = Element.prototype.setAttribute;

Element.prototype.setAttribute = function set(name, value) {
  if (name === 'style' && this.style) this.style.cssText = value;
  else setAttribute.call(this, name, value);
};
