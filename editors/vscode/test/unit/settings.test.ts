import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverSettings } from '../../src/settings';

const NOTHING = { from: null, to: null, rules: { select: [], ignore: [], severity: {} } };

test('without settings, everything is left to the project', () => {
  for (const section of [undefined, null, {}, 'hookshift', [], 7]) {
    assert.deepEqual(serverSettings(section), NOTHING);
  }
});

test('what is set is handed on, and only that', () => {
  const section = {
    path: '/opt/hookshift',
    from: '6.0.0',
    to: ' 6.1.0 ',
    rules: {
      select: ['removed-hook', 'changed-params'],
      ignore: ['granular-hook'],
      severity: { 'changed-meaning': 'info', 'drop-result': 'off' },
    },
    trace: { server: 'verbose' },
  };
  assert.deepEqual(serverSettings(section), {
    from: '6.0.0',
    to: '6.1.0',
    rules: section.rules,
  });
});

test('a slip costs nothing but itself', () => {
  const section = {
    from: 6,
    to: '',
    rules: {
      select: 'removed-hook',
      ignore: ['granular-hook', 3, null, ' '],
      severity: { 'changed-meaning': 'hint', 'drop-result': 'warning', 'split-hook': 1 },
    },
  };
  assert.deepEqual(serverSettings(section), {
    ...NOTHING,
    rules: { select: [], ignore: ['granular-hook'], severity: { 'drop-result': 'warning' } },
  });
});

test('the settings of a half-written `rules` are none', () => {
  for (const rules of [null, [], 'all', { severity: null }, { severity: ['off'] }]) {
    assert.deepEqual(serverSettings({ rules }), NOTHING);
  }
});
