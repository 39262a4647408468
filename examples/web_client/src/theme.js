/**
 * What the official elements look like here.
 *
 * The renderer has no theme of its own. A theme names, per component, classes out of the package's
 * own style sheet (`layout-g-2` is a gap of two units of four pixels), since no other sheet reaches
 * into the elements; what that has no class for stands in `additionalStyles`. Colours are custom
 * properties, set in `page.css`, which does reach everywhere.
 */

/** `layout-g-2 layout-p-3` as the map of classes that the renderer wants. */
const classes = names => Object.fromEntries(names.split(' ').map(name => [name, true]));
const none = {};

const input = classes(
  'layout-pt-2 layout-pb-2 layout-pl-3 layout-pr-3 border-br-2 border-bw-1 border-bs-s ' +
    'color-bc-n80 color-bgc-n100 color-c-n10 typography-f-sf typography-sz-bl',
);
const label = classes('typography-f-sf typography-sz-ll typography-w-500 color-c-n20 layout-mb-1');
const heading = size => classes(`typography-f-sf typography-w-600 typography-sz-${size} color-c-n10`);

export const theme = {
  components: {
    AudioPlayer: none,
    Button: classes(
      'layout-pt-2 layout-pb-2 layout-pl-4 layout-pr-4 border-br-2 border-bw-1 border-bs-s ' +
        'color-bc-p40 color-bgc-p95 color-c-p30',
    ),
    Card: classes('layout-p-4 border-br-3 border-bw-1 border-bs-s color-bc-n90 color-bgc-n100'),
    CheckBox: {
      container: classes('layout-dsp-flexhor layout-al-c layout-g-2'),
      element: classes('layout-m-0 layout-wp-4 layout-hp-4 layout-flx-0'),
      label: classes('typography-f-sf typography-sz-bl color-c-n10'),
    },
    Column: classes('layout-g-3'),
    DateTimeInput: { container: none, element: input, label },
    Divider: none,
    Icon: classes('layout-dsp-flexhor'),
    Image: {
      all: classes('border-br-2'),
      icon: classes('layout-wp-6 layout-hp-6'),
      avatar: classes('layout-wp-12 layout-hp-12'),
      smallFeature: none,
      mediumFeature: none,
      largeFeature: none,
      header: none,
    },
    List: classes('layout-g-3'),
    Modal: {
      backdrop: none,
      element: classes('layout-p-4 border-br-3 color-bgc-n100 layout-dsp-flexvert layout-g-2'),
    },
    MultipleChoice: { container: none, element: none, label: none },
    Row: classes('layout-g-3'),
    Slider: {
      container: classes('layout-dsp-flexhor layout-al-c layout-g-3'),
      element: none,
      label: classes('typography-f-sf typography-sz-bl color-c-n10'),
    },
    Tabs: {
      container: classes('layout-dsp-flexvert layout-g-3'),
      element: classes('layout-dsp-flexhor layout-fw-w layout-g-2'),
      controls: {
        all: classes(
          'layout-pt-2 layout-pb-2 layout-pl-4 layout-pr-4 border-br-2 border-bw-1 border-bs-s ' +
            'color-bc-n90 color-bgc-n100 color-c-p30 typography-f-sf typography-sz-ll',
        ),
        selected: classes('color-bgc-p95 typography-w-600'),
      },
    },
    Text: {
      all: classes('typography-f-sf color-c-n10'),
      h1: heading('hl'),
      h2: heading('hs'),
      h3: heading('tl'),
      h4: heading('tm'),
      h5: heading('ts'),
      caption: classes('typography-sz-bm color-c-n40'),
      body: classes('typography-sz-bl'),
    },
    TextField: { container: classes('layout-w-100'), element: input, label },
    Video: none,
  },
  elements: {},
  markdown: {
    p: ['layout-m-0'],
    h1: ['layout-m-0'],
    h2: ['layout-m-0'],
    h3: ['layout-m-0'],
    h4: ['layout-m-0'],
    h5: ['layout-m-0'],
    ul: ['layout-m-0'],
    ol: ['layout-m-0'],
    li: [],
    a: [],
    strong: [],
    em: ['typography-fs-n'],
  },
  additionalStyles: {
    Row: { 'flex-wrap': 'wrap' },
    Modal: { 'min-width': 'min(28rem, 80vw)' },
  },
};
