-- One billing file, typed: every record, with its faults named.
--
-- Grain: one row per (source_row).
-- A blank text is null. The reseller of a direct-bill file is its MpnId; -1 and 0
-- mean that there is none. Rows without reasons are validated, the others are
-- quarantined whole; a ragged row has no other reason, its cells being out of place.

with

typed as (

    select
        *,
        nullif(nullif(trimmed(reseller_mpn_id_text), '-1'), '0') as reseller_mpn_id,
        read_guid(customer_id_text) as customer_id,
        read_guid(syndication_partner_subscription_number_text)
            as syndication_partner_subscription_number,
        read_guid(durable_offer_id_text) as durable_offer_id,
        read_date(subscription_start_date_text) as subscription_start_date,
        read_date(subscription_end_date_text) as subscription_end_date,
        read_date(charge_start_date_text) as charge_start_date,
        read_date(charge_end_date_text) as charge_end_date,
        try_cast(read_decimal(unit_price_text, has_decimal_comma) as decimal(18, 6))
            as unit_price,
        read_whole(quantity_text, has_decimal_comma) as quantity,
        read_money(amount_text, has_decimal_comma) as amount,
        read_money(total_other_discount_text, has_decimal_comma)
            as total_other_discount,
        read_money(subtotal_text, has_decimal_comma) as subtotal,
        read_money(tax_text, has_decimal_comma) as tax,
        read_money(total_for_customer_text, has_decimal_comma) as total_for_customer

    from raw_records

),

looked_up as (

    select
        typed.*,
        sku_catalog.durable_offer_id is not null as is_in_catalog

    from typed

    left join sku_catalog
        on typed.durable_offer_id = sku_catalog.durable_offer_id

),

judged as (

    select
        *,
        is_missing(customer_id, customer_id_text)
        or is_missing(
            syndication_partner_subscription_number,
            syndication_partner_subscription_number_text
        )
        or is_missing(durable_offer_id, durable_offer_id_text)
        or is_missing(charge_start_date, charge_start_date_text)
        or is_missing(charge_end_date, charge_end_date_text)
        or is_missing(quantity, quantity_text)
        or is_missing(amount, amount_text)
            as has_missing_value,
        is_unreadable(customer_id, customer_id_text)
        or is_unreadable(
            syndication_partner_subscription_number,
            syndication_partner_subscription_number_text
        )
        or is_unreadable(durable_offer_id, durable_offer_id_text)
            as has_bad_guid,
        is_unreadable(subscription_start_date, subscription_start_date_text)
        or is_unreadable(subscription_end_date, subscription_end_date_text)
        or is_unreadable(charge_start_date, charge_start_date_text)
        or is_unreadable(charge_end_date, charge_end_date_text)
            as has_bad_date,
        is_unreadable(unit_price, unit_price_text)
        or is_unreadable(quantity, quantity_text)
        or is_unreadable(amount, amount_text)
        or is_unreadable(total_other_discount, total_other_discount_text)
        or is_unreadable(subtotal, subtotal_text)
        or is_unreadable(tax, tax_text)
        or is_unreadable(total_for_customer, total_for_customer_text)
            as has_bad_number,
        coalesce(quantity < 0, false) as has_negative_quantity,
        coalesce(charge_end_date < charge_start_date, false) as has_reversed_period,
        durable_offer_id is not null
        and not is_in_catalog
        and contains(lower(coalesce(offer_name_text, '')), 'dynamics 365')
            as has_unknown_offer

    from looked_up

)

select
    source_row,
    record,
    trimmed(partner_id_text) as partner_id,
    customer_id,
    trimmed(customer_name_text) as customer_name,
    trimmed(mpn_id_text) as mpn_id,
    reseller_mpn_id,
    trimmed(order_id_text) as order_id,
    trimmed(subscription_id_text) as subscription_id,
    syndication_partner_subscription_number,
    trimmed(offer_id_text) as offer_id,
    durable_offer_id,
    trimmed(offer_name_text) as offer_name,
    subscription_start_date,
    subscription_end_date,
    charge_start_date,
    charge_end_date,
    trimmed(charge_type_text) as charge_type,
    unit_price,
    quantity,
    amount,
    total_other_discount,
    subtotal,
    tax,
    total_for_customer,
    trimmed(currency_text) as currency,
    trimmed(domain_name_text) as domain_name,
    trimmed(subscription_name_text) as subscription_name,
    trimmed(subscription_description_text) as subscription_description,
    trimmed(billing_cycle_type_text) as billing_cycle_type,
    customer_id as quarantined_customer_id,
    reseller_mpn_id as quarantined_partner_id,
    cast(null as date) as quarantined_snapshot_date,
    case
        when is_ragged then 0
        else
            date_style(subscription_start_date, subscription_start_date_text)
            | date_style(subscription_end_date, subscription_end_date_text)
            | date_style(charge_start_date, charge_start_date_text)
            | date_style(charge_end_date, charge_end_date_text)
    end as date_styles,
    case
        when is_ragged then 'ragged_row'
        when
            has_missing_value
            or has_bad_guid
            or has_bad_date
            or has_bad_number
            or has_negative_quantity
            or has_reversed_period
            or has_unknown_offer
            then concat_ws(
                ',',
                case when has_bad_guid then 'bad_guid' end,
                case when has_missing_value then 'missing_value' end,
                case when has_bad_date then 'bad_date' end,
                case when has_bad_number then 'bad_number' end,
                case when has_negative_quantity then 'negative_quantity' end,
                case when has_reversed_period then 'period_reversed' end,
                case when has_unknown_offer then 'unknown_dynamics_offer' end
            )
    end as reasons

from judged
