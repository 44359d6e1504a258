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
        nullif(nullif(reseller_mpn_id_text, '-1'), '0') as reseller_mpn_id,
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
        -- What reads and agrees needs no second look: nearly every record does.
        customer_id is not null
        and syndication_partner_subscription_number is not null
        and durable_offer_id is not null
        and (is_in_catalog or not contains(lower(offer_name_text), 'dynamics 365'))
        and charge_start_date <= charge_end_date
        and quantity >= 0
        and amount is not null
        and (
            subscription_start_date is not null
            or subscription_start_date_text is null
        )
        and (subscription_end_date is not null or subscription_end_date_text is null)
        and (unit_price is not null or unit_price_text is null)
        and (total_other_discount is not null or total_other_discount_text is null)
        and (subtotal is not null or subtotal_text is null)
        and (tax is not null or tax_text is null)
        and (total_for_customer is not null or total_for_customer_text is null)
            as is_sound

    from looked_up

)

select
    source_row,
    record,
    partner_id_text as partner_id,
    customer_id,
    customer_name_text as customer_name,
    mpn_id_text as mpn_id,
    reseller_mpn_id,
    order_id_text as order_id,
    subscription_id_text as subscription_id,
    syndication_partner_subscription_number,
    offer_id_text as offer_id,
    durable_offer_id,
    offer_name_text as offer_name,
    subscription_start_date,
    subscription_end_date,
    charge_start_date,
    charge_end_date,
    charge_type_text as charge_type,
    unit_price,
    quantity,
    amount,
    total_other_discount,
    subtotal,
    tax,
    total_for_customer,
    currency_text as currency,
    domain_name_text as domain_name,
    subscription_name_text as subscription_name,
    subscription_description_text as subscription_description,
    billing_cycle_type_text as billing_cycle_type,
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
        when not coalesce(is_sound, false)
            then nullif(
                concat_ws(
                    ',',
                    case
                        when
                            is_unreadable(customer_id, customer_id_text)
                            or is_unreadable(
                                syndication_partner_subscription_number,
                                syndication_partner_subscription_number_text
                            )
                            or is_unreadable(durable_offer_id, durable_offer_id_text)
                            then 'bad_guid'
                    end,
                    case
                        when
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
                            then 'missing_value'
                    end,
                    case
                        when
                            is_unreadable(
                                subscription_start_date, subscription_start_date_text
                            )
                            or is_unreadable(
                                subscription_end_date, subscription_end_date_text
                            )
                            or is_unreadable(charge_start_date, charge_start_date_text)
                            or is_unreadable(charge_end_date, charge_end_date_text)
                            then 'bad_date'
                    end,
                    case
                        when
                            is_unreadable(unit_price, unit_price_text)
                            or is_unreadable(quantity, quantity_text)
                            or is_unreadable(amount, amount_text)
                            or is_unreadable(
                                total_other_discount, total_other_discount_text
                            )
                            or is_unreadable(subtotal, subtotal_text)
                            or is_unreadable(tax, tax_text)
                            or is_unreadable(
                                total_for_customer, total_for_customer_text
                            )
                            then 'bad_number'
                    end,
                    case when quantity < 0 then 'negative_quantity' end,
                    case
                        when charge_end_date < charge_start_date then 'period_reversed'
                    end,
                    case
                        when
                            durable_offer_id is not null
                            and not is_in_catalog
                            and contains(lower(offer_name_text), 'dynamics 365')
                            then 'unknown_dynamics_offer'
                    end
                ),
                ''
            )
    end as reasons

from judged
